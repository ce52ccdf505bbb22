//! Identity providers: home organisations' integrations, of the five kinds the other system knows.

use super::{Head, is_masked, needed_organisation};
use crate::import::fields::Fields;
use domain::data_model::SourceAttribute;
use domain::time::Date;
use domain::value::{
    AttributeName, FlowName, IdpId, InstitutionType, LanguageText, SecretText, ShortText,
};
use domain::{
    AttributeMapping, Discovery, EntraIdLogin, EntraIdUpstream, HomeConfiguration, HomeUpstream,
    ImportedHome, Logo, NonDisclosurePolicy, OpinsysUpstream, PeerName, SamlUpstream, StaticValue,
    WilmaUpstream,
};
use std::borrow::Cow;

/// The attributes of the type `data` that configure the source, by the other system's names.
const SETTINGS: [&str; 7] = [
    "datasource",
    "hostname",
    "tenantId",
    "clientId",
    "clientKey",
    "clientKeyValidUntil",
    "azureApplicationIdUri",
];

/// Reads one.
pub(super) fn read(fields: &Fields<'_>, head: &Head) -> Option<ImportedHome> {
    let entry = fields.entry();
    let organisation = needed_organisation(fields, head);
    let configuration = fields.needed_object("configurationEntity")?;
    let attributes = Attributes::read(&configuration);
    let provider = configuration.needed_object("idp");
    configuration.known(&["id", "role"]);
    configuration.finish();
    let provider = provider?;
    let idp_id: Option<IdpId> = provider.needed("idpId");
    let flow_name: Option<FlowName> = provider.value("flowName");
    if let Some(id) = &idp_id {
        entry.claim(provider.at("idpId"), id.to_string());
    }
    if let Some(name) = &flow_name {
        // Consumers write flow names with a capital first letter, so case does not count.
        entry.claim(provider.at("flowName"), name.as_str().to_ascii_lowercase());
    }
    let permitted = permitted(&provider);
    let logo = provider.value("logoUrl").map(Logo::Address);
    let institution_types = provider.values("institutionTypes");
    let upstream = upstream(&provider, &attributes);
    // Dates of keys and metadata are read from these themselves.
    provider.known(&[
        "metadataValidUntil",
        "signingCertificateValidUntil",
        "encryptionCertificateValidUntil",
    ]);
    provider.finish();
    let discovery = discovery(fields, institution_types, logo);
    let upstream = upstream?;
    let secret = attributes.secret(&upstream, fields);
    Some(ImportedHome {
        legacy_id: head.id.clone()?,
        environment: head.environment?,
        organisation: organisation?,
        idp_id: idp_id?,
        flow_name,
        configuration: HomeConfiguration {
            upstream,
            attributes: attributes.mapping,
            static_values: attributes.fixed,
            non_disclosure: NonDisclosurePolicy::default(),
            datasource: attributes.datasource,
            tags: Vec::new(),
            single_sign_on: true,
        },
        secret,
        secret_mark: None,
        discovery,
        permitted,
        unknown_fields: Vec::new(),
    })
}

/// How the source is reached, by its kind.
fn upstream(provider: &Fields<'_>, attributes: &Attributes<'_>) -> Option<HomeUpstream> {
    let entry = provider.entry();
    let saml = SamlUpstream {
        entity_id: provider.value("entityId"),
        metadata_url: provider.value("metadataUrl"),
        ..SamlUpstream::default()
    };
    let host = |name: &'static str| {
        let own = provider.text(name);
        let said = attributes.setting(name);
        let text = own.or(said.map(Cow::Borrowed));
        if text.is_none() {
            entry.error(provider.at(name), "MISSING", "this field is needed");
        }
        text
    };
    match provider.needed_text("type")?.as_ref() {
        "adfs" => Some(HomeUpstream::Adfs(saml)),
        "gsuite" => Some(HomeUpstream::Google(saml)),
        "azure" => {
            let tenant = host("tenantId");
            let tenant = tenant.and_then(|text| read_as(provider, "tenantId", &text));
            Some(HomeUpstream::EntraId(EntraIdUpstream {
                client_id: attributes.unmasked("clientId"),
                client_key_valid_until: attributes.valid_until(),
                application_id_uri: attributes.unmasked("azureApplicationIdUri"),
                login: EntraIdLogin::Saml,
                saml,
                tenant_id: tenant?,
            }))
        }
        "opinsys" => {
            let tenant = host("tenantId");
            let tenant = tenant.and_then(|text| read_as(provider, "tenantId", &text));
            let client_id = attributes.unmasked("clientId");
            Some(HomeUpstream::Opinsys(OpinsysUpstream {
                tenant: tenant?,
                client_id,
            }))
        }
        "wilma" => {
            let own = host("hostname");
            let host = own.and_then(|text| read_as(provider, "hostname", &text));
            Some(HomeUpstream::Wilma(WilmaUpstream { host: host? }))
        }
        _ => {
            let message = "expected adfs, azure, gsuite, opinsys or wilma";
            entry.error(provider.at("type"), "KIND_UNKNOWN", message);
            None
        }
    }
}

fn read_as<T: std::str::FromStr<Err = domain::value::Invalid>>(
    provider: &Fields<'_>,
    name: &'static str,
    text: &str,
) -> Option<T> {
    text.parse()
        .map_err(|invalid| provider.entry().invalid(provider.at(name), invalid))
        .ok()
}

/// The clients it permits; none where it permits all. The other system means all by an empty list
/// (our decision, domain facts J.7).
fn permitted(provider: &Fields<'_>) -> Option<Vec<PeerName>> {
    let mut names = Vec::new();
    let entries = provider.objects("allowedServiceProviders");
    for allowed in &entries {
        let kind = allowed.needed_text("type");
        let name = match kind.as_deref() {
            Some("oidc") => allowed.needed("clientId").map(PeerName::ClientId),
            Some("saml") => allowed.needed("entityId").map(PeerName::EntityId),
            Some(_) => {
                let field = allowed.at("type");
                allowed
                    .entry()
                    .error(field, "KIND_UNKNOWN", "expected oidc or saml");
                None
            }
            None => None,
        };
        names.extend(name);
    }
    let any = !entries.is_empty();
    entries.into_iter().for_each(Fields::finish);
    any.then_some(names)
}

/// What the choice page shows of it.
fn discovery(
    fields: &Fields<'_>,
    institution_types: Vec<InstitutionType>,
    logo: Option<Logo>,
) -> Discovery {
    let mut shown = Discovery {
        institution_types,
        logo,
        ..Discovery::default()
    };
    let Some(given) = fields.object("discoveryInformation") else {
        return shown;
    };
    let text = |name: &'static str| {
        let text = given.text(name)?;
        LanguageText::parse(&text)
            .map_err(|invalid| fields.entry().invalid(given.at(name), invalid))
            .ok()
    };
    shown.show_schools = given.flag("showSchools").unwrap_or(false);
    shown.title = text("title");
    shown.custom_display_name = text("customDisplayName");
    shown.schools = given.values("schools");
    shown.excluded_schools = given.values("excludedSchools");
    shown.early_education = given.flag("earlyEducationProvider").unwrap_or(false);
    given.known(&["id"]);
    given.finish();
    shown
}

/// The attributes of an entry: how the source is configured, and what it delivers.
struct Attributes<'a> {
    /// Settings by their names, with the path of each.
    settings: Vec<(&'static str, Cow<'a, str>, String)>,
    mapping: Vec<AttributeMapping>,
    fixed: Vec<StaticValue>,
    datasource: Option<ShortText>,
    entry: &'a crate::import::fields::Entry,
}

impl<'a> Attributes<'a> {
    fn read(configuration: &Fields<'a>) -> Self {
        let mut attributes = Self {
            settings: Vec::new(),
            mapping: Vec::new(),
            fixed: Vec::new(),
            datasource: None,
            entry: configuration.entry(),
        };
        for attribute in configuration.objects("attributes") {
            attributes.take(attribute);
        }
        if let Some(text) = attributes.setting("datasource") {
            let path = "configurationEntity.attributes(datasource)";
            match ShortText::parse(text) {
                Ok(name) => attributes.datasource = Some(name),
                Err(invalid) => attributes.entry.invalid(path, invalid),
            }
        }
        attributes
    }

    fn take(&mut self, attribute: Fields<'a>) {
        // Some files write `{ "hostname": "…" }` for a setting instead of name and content.
        if let Some((name, text)) = attribute.single()
            && let Some(name) = setting_named(name)
        {
            let path = attribute.at(name);
            let message = "a setting without name and content: read as one";
            self.entry.warn(path.clone(), "UNUSUAL_SHAPE", message);
            self.settings.push((name, Cow::Borrowed(text), path));
            return;
        }
        attribute.known(&["id", "description", "oid"]);
        let name = attribute.text("name");
        let content = attribute.text("content");
        let kind = attribute.text("type");
        let path = attribute.at("content");
        // Without content an attribute says nothing; the other system drops it too.
        if let (Some(name), Some(content)) = (name, content) {
            match (kind.as_deref(), setting_named(&name)) {
                (Some("data") | None, Some(setting)) => {
                    self.settings.push((setting, content, path));
                }
                (Some("user"), _) => self.map(&attribute, &name, &content),
                (None, None) if SourceAttribute::from_name(&name).is_some() => {
                    self.map(&attribute, &name, &content);
                }
                (Some("data"), None) if SourceAttribute::from_name(&name).is_some() => {
                    self.fix(&attribute, &name, &content);
                }
                (Some("data") | None, None) => {
                    self.entry
                        .unknown(format!("configurationEntity.attributes({name})"));
                }
                (Some(_), _) => {
                    let field = attribute.at("type");
                    self.entry
                        .error(field, "KIND_UNKNOWN", "expected user or data");
                }
            }
        }
        attribute.finish();
    }

    /// An attribute that the source delivers.
    fn map(&mut self, field: &Fields<'_>, name: &str, content: &str) {
        let attribute = self.name(field, "name", name);
        let source = self.name(field, "content", content);
        if let (Some(attribute), Some(source)) = (attribute, source) {
            let mapping = AttributeMapping { attribute, source };
            if !self.mapping.contains(&mapping) {
                self.mapping.push(mapping);
            }
        }
    }

    /// An input of the data model that is the same for everyone.
    fn fix(&mut self, field: &Fields<'_>, name: &str, content: &str) {
        let Some(attribute) = self.name(field, "name", name) else {
            return;
        };
        match ShortText::parse(content) {
            Ok(value) => {
                let fixed = StaticValue { attribute, value };
                if !self.fixed.contains(&fixed) {
                    self.fixed.push(fixed);
                }
            }
            Err(invalid) => self.entry.invalid(field.at("content"), invalid),
        }
    }

    fn name(&self, field: &Fields<'_>, at: &str, text: &str) -> Option<AttributeName> {
        let name = AttributeName::parse(text);
        name.map_err(|invalid| self.entry.invalid(field.at(at), invalid))
            .ok()
    }

    fn setting(&self, name: &str) -> Option<&str> {
        let found = self.settings.iter().find(|(own, ..)| *own == name);
        found.map(|(_, text, _)| text.as_ref())
    }

    /// A setting that may be masked: it is then not set.
    fn unmasked<T: std::str::FromStr<Err = domain::value::Invalid>>(
        &self,
        name: &str,
    ) -> Option<T> {
        let (_, text, path) = self.settings.iter().find(|(own, ..)| *own == name)?;
        if is_masked(text) {
            let message = "masked: not set until it is entered";
            self.entry.warn(path.clone(), "SECRET_NOT_SET", message);
            return None;
        }
        text.parse()
            .map_err(|invalid| self.entry.invalid(path.clone(), invalid))
            .ok()
    }

    /// The last day of the client key, which the other system writes with the day first.
    fn valid_until(&self) -> Option<Date> {
        let (_, text, path) = self
            .settings
            .iter()
            .find(|(own, ..)| *own == "clientKeyValidUntil")?;
        let text = text.trim();
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next();
        let turned = match (next(), next(), next()) {
            (Some(day), Some(month), Some(year)) if year.len() == 4 => {
                format!("{year}-{month}-{day}")
            }
            _ => text.to_owned(),
        };
        let date = turned.parse();
        if date.is_err() {
            self.entry
                .error(path.clone(), "DATE", "expected a date such as 31-12-2027");
        }
        date.ok()
    }

    /// The secret that the proxy uses, where the kind has one and the file shows it.
    fn secret(&self, upstream: &HomeUpstream, fields: &Fields<'_>) -> Option<SecretText> {
        if !upstream.needs_secret() {
            return None;
        }
        let secret = self.unmasked("clientKey");
        if self.setting("clientKey").is_none() {
            let path = "configurationEntity.attributes(clientKey)";
            let message = "missing: nobody can log in until the secret is set";
            fields.entry().warn(path, "SECRET_NOT_SET", message);
        }
        secret
    }
}

fn setting_named(name: &str) -> Option<&'static str> {
    SETTINGS.into_iter().find(|setting| *setting == name)
}
