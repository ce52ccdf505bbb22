//! A network of 2,000 members and 5,000 integrations, all invented, made by ordinary commands.

use super::house::{House, created, own};
use anyhow::Context as _;
use domain::time::Date;
use domain::value::{BusinessId, LanguageText, OrganisationOid};
use domain::{
    AcceptMember, ActivateIntegration, AttributeMapping, ClientAuthentication, ClientConfiguration,
    ClientProtocol, ClientSubject, Command, CommandId, ContactDetails, ContactRole, CreateService,
    Discovery, Environment, GrantType, HomeConfiguration, HomeUpstream, IdTokenAlgorithm,
    InstrumentKind, IntegrationId, MemberRole, NameContact, NameOperatorContact,
    NonDisclosurePolicy, OpenIdConnectRegistration, OpenIdConnectUpstream, PermissionMode,
    PublishInstrument, RegisterHomeIntegration, RegisterServiceIntegration, ResponseType,
    ServiceDescription, ServiceId, SetPermissionMode,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ledger::Hash;
use projections::routing::SecretHash;
use uuid::Uuid;

/// How many members there are.
pub(crate) const MEMBERS: u32 = 2_000;

/// How many of them are home organisations; the others offer services.
const HOMES: u32 = 1_600;

/// How many integrations there are on each side.
const HOME_INTEGRATIONS: u32 = 2_500;
const SERVICE_INTEGRATIONS: u32 = 2_500;

/// How many integrations there are.
pub(crate) const INTEGRATIONS: u32 = HOME_INTEGRATIONS + SERVICE_INTEGRATIONS;

/// How many clients the largest service has: a change of it touches each of their entries.
pub(crate) const CLIENTS_OF_THE_LARGEST: u32 = 500;

/// Where the integrations live; this environment needs no review.
pub(crate) const ENVIRONMENT: Environment = Environment::Test;

/// How many commands are under way at once.
pub(crate) const AT_ONCE: usize = 256;

/// What was made.
pub(crate) struct Network {
    pub(crate) homes: Vec<IntegrationId>,
    /// The largest first.
    pub(crate) services: Vec<ServiceId>,
}

fn organisation(number: u32) -> OrganisationOid {
    own(&format!("1.2.246.562.99.{:011}", 10_000 + number))
}

fn words(text: &str) -> LanguageText {
    LanguageText {
        fi: own(text),
        sv: None,
        en: None,
    }
}

fn contact(number: u64) -> ContactDetails {
    ContactDetails {
        name: own("Kuvitteellinen Yhteyshenkilö"),
        email: own(&format!("yhteys-{number}@example.org")),
        phone: None,
        postal_address: None,
    }
}

fn description(number: u32, edition: u64) -> ServiceDescription {
    ServiceDescription::named(words(&format!(
        "Kuvitteellinen palvelu {number}, {edition}"
    )))
}

fn id(kind: u32, number: u32) -> CommandId {
    CommandId(Uuid::from_u128(u128::from(kind) << 64 | u128::from(number)))
}

/// Gives many commands, many at once.
async fn give_all(
    house: &House,
    commands: impl Iterator<Item = (CommandId, Command)>,
) -> anyhow::Result<()> {
    stream::iter(commands)
        .map(|(id, command)| async move { house.give(house.submission_as(id, command)).await })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await
}

/// Makes the network in a founded ledger.
pub(crate) async fn make(house: &House) -> anyhow::Result<Network> {
    house
        .submit(PublishInstrument {
            kind: InstrumentKind::Contract,
            version: own("contract-2018"),
            title: words("Jäsensopimus"),
            document: own(&Hash::of(b"contract").to_string()),
            address: None,
            valid_from: own("2018-01-01"),
        })
        .await?;
    give_all(house, (0..MEMBERS).map(member)).await?;
    let services: Vec<u32> = (0..MEMBERS - HOMES).collect();
    give_all(house, services.iter().map(|number| service(*number))).await?;
    let service_ids: Vec<ServiceId> = services
        .iter()
        .map(|number| ServiceId(created(id(2, *number), "service")))
        .collect();
    give_all(house, (0..HOME_INTEGRATIONS).map(home)).await?;
    let clients = (0..SERVICE_INTEGRATIONS)
        .map(|number| client(house, &service_ids, number))
        .collect::<anyhow::Result<Vec<_>>>()?;
    give_all(house, clients.into_iter()).await?;
    let integrations = |kind, count| {
        (0..count).map(move |number| IntegrationId(created(id(kind, number), "integration")))
    };
    let homes: Vec<_> = integrations(3, HOME_INTEGRATIONS).collect();
    let all = homes
        .iter()
        .copied()
        .chain(integrations(4, SERVICE_INTEGRATIONS));
    let activated = all.zip(0..).map(|(integration, number)| {
        (
            id(5, number),
            Command::from(ActivateIntegration { integration }),
        )
    });
    give_all(house, activated).await?;
    Ok(Network {
        homes,
        services: service_ids,
    })
}

fn member(number: u32) -> (CommandId, Command) {
    // Every tenth is found by a search for "koulu".
    let kind = if number.is_multiple_of(10) {
        "koulu"
    } else {
        "kunta"
    };
    let role = if number < HOMES {
        MemberRole::HomeOrganisation
    } else {
        MemberRole::ServiceProvider
    };
    let command = AcceptMember {
        organisation: organisation(number),
        name: Some(words(&format!("Kuvitteellinen {kind} {number}"))),
        business_id: Some(business_id(number)),
        instrument: own("contract-2018"),
        since: own::<Date>("2020-01-01"),
        evidence: own("invented for measuring"),
        roles: vec![role],
    };
    (id(1, number), command.into())
}

/// The business id of a member. Where a number has no check digit, the next ten thousand has one.
fn business_id(number: u32) -> BusinessId {
    const WEIGHTS: [u32; 7] = [7, 9, 10, 5, 8, 4, 2];
    let with_check_digit = |number: u32| {
        let digits = format!("{number:07}");
        let values = digits.bytes().map(|digit| u32::from(digit - b'0'));
        let sum: u32 = values
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit * weight)
            .sum();
        match sum % 11 {
            0 => Some(format!("{digits}-0")),
            1 => None,
            rest => Some(format!("{digits}-{}", 11 - rest)),
        }
    };
    let mut numbers = (0..).map(|times| number + times * 10_000);
    own(&numbers.find_map(with_check_digit).unwrap_or_default())
}

fn service(number: u32) -> (CommandId, Command) {
    let command = CreateService {
        organisation: organisation(HOMES + number),
        description: description(number, 0),
        environment: Some(ENVIRONMENT),
    };
    (id(2, number), command.into())
}

fn home(number: u32) -> (CommandId, Command) {
    let mapping = |(attribute, source)| AttributeMapping {
        attribute: own(attribute),
        source: own(source),
    };
    let attributes = [
        ("username", "preferred_username"),
        ("firstName", "given_name"),
        ("surname", "family_name"),
        ("learnerId", "learner_id"),
        ("schoolIds", "school"),
        ("roles", "role"),
        ("groups", "group"),
    ];
    let command = RegisterHomeIntegration {
        organisation: organisation(number % HOMES),
        environment: ENVIRONMENT,
        configuration: HomeConfiguration {
            upstream: HomeUpstream::OpenIdConnect(OpenIdConnectUpstream {
                issuer: own(&format!("https://login-{number}.example.org")),
                client_id: own("verkosto"),
                scopes: vec![own("profile")],
                pinned_claims: Vec::new(),
            }),
            attributes: attributes.map(mapping).to_vec(),
            static_values: Vec::new(),
            non_disclosure: NonDisclosurePolicy::default(),
            datasource: None,
            tags: Vec::new(),
            single_sign_on: true,
        },
        secret: Some(own("kuvitteellinen-salaisuus")),
        discovery: Discovery {
            title: Some(words(&format!("Kuvitteellinen kirjautuminen {number}"))),
            ..Discovery::default()
        },
    };
    (id(3, number), command.into())
}

fn client(
    house: &House,
    services: &[ServiceId],
    number: u32,
) -> anyhow::Result<(CommandId, Command)> {
    let others = u32::try_from(services.len())? - 1;
    let of = if number < CLIENTS_OF_THE_LARGEST {
        0
    } else {
        1 + number % others
    };
    let service = services.get(usize::try_from(of)?);
    let hash = SecretHash::of("kuvitteellinen", house.random.sixteen());
    let command = RegisterServiceIntegration {
        service: *service.context("there are too few services")?,
        environment: ENVIRONMENT,
        configuration: ClientConfiguration {
            protocol: ClientProtocol::OpenIdConnect(OpenIdConnectRegistration {
                client_id: own(&format!("palvelu-{number}")),
                redirect_uris: vec![own(&format!(
                    "https://palvelu-{number}.example.org/callback"
                ))],
                post_logout_redirect_uris: Vec::new(),
                authentication: ClientAuthentication::ClientSecretBasic,
                jwks_uri: None,
                jwks: None,
                response_types: vec![ResponseType::Code],
                grant_types: vec![GrantType::AuthorizationCode],
                scopes: Vec::new(),
                id_token_algorithm: IdTokenAlgorithm::Es256,
                pkce_required: true,
                subject: ClientSubject::Pairwise,
                attributes_in_id_token: false,
            }),
            name: None,
            allow_test_learner_id: None,
            single_sign_on: None,
        },
        secret_hash: Some(own(hash.as_str())),
    };
    Ok((id(4, number), command.into()))
}

impl Network {
    /// A change that touches the one entry of a home integration. Each gives another list.
    pub(crate) fn change_one(&self, edition: u64) -> anyhow::Result<Command> {
        let homes = self.homes.len() as u64;
        let home = self.homes.get(usize::try_from(edition % homes)?);
        let services = self.services.len() as u64;
        let permitted = self
            .services
            .get(usize::try_from((edition / homes) % services)?);
        Ok(SetPermissionMode {
            integration: *home.context("there are no homes")?,
            mode: PermissionMode::List,
            services: vec![*permitted.context("there are no services")?],
        }
        .into())
    }

    /// A change that touches the entries of every client of one service.
    pub(crate) fn change_service(&self, number: u32, edition: u64) -> anyhow::Result<Command> {
        let service = self.services.get(usize::try_from(number)?);
        Ok(domain::ChangeService {
            service: *service.context("there are too few services")?,
            description: description(number, edition + 1),
            organisation: None,
        }
        .into())
    }

    /// The commands of daily business, one event each, in turn.
    pub(crate) fn business(&self, number: u64) -> anyhow::Result<Command> {
        let round = number / 4;
        let role = if round.is_multiple_of(2) {
            ContactRole::Technical
        } else {
            ContactRole::Administrative
        };
        Ok(match number % 4 {
            0 | 2 => self.change_one(number / 2)?,
            1 => NameContact {
                member: organisation(u32::try_from(round % u64::from(MEMBERS))?),
                role,
                contact: contact(number),
                notified_on: None,
            }
            .into(),
            _ if round.is_multiple_of(8) => NameOperatorContact {
                role: ContactRole::Contract,
                contact: contact(number),
                notified_on: None,
            }
            .into(),
            _ => {
                let others = u64::try_from(self.services.len())? - 1;
                self.change_service(u32::try_from(1 + round % others)?, number)?
            }
        })
    }
}
