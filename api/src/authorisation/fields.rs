//! The rows of the schema's fields. One row a type and kind of caller; a new field needs its name
//! here, or nobody may ask for it.

mod operations;
mod pages;

use super::Who::{self, Anyone, Identified, Member, Network, OwnRows, Participant};

/// Type, who may ask, for which fields.
type Row = (&'static str, Who, &'static [&'static str]);

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> + Clone {
    FIELDS.iter().chain(operations::FIELDS).chain(pages::FIELDS)
}

const FIELDS: &[Row] = &[
    ("Query", Anyone, &["me"]),
    ("Query", Participant, &["network"]),
    ("Query", OwnRows, &["node"]),
    ("Subscription", OwnRows, &["events"]),
    ("Subscription", Network, &["routing"]),
    ("RoutingStep", Network, &["position", "update"]),
    ("EventUpdate", OwnRows, &["position", "event"]),
    // The caller itself.
    (
        "Me",
        Anyone,
        &["id", "means", "name", "rights", "environments"],
    ),
    ("HeldRight", Anyone, &["right", "organisation"]),
    // What a mutation recorded.
    (
        "Committed",
        Identified,
        &[
            "commandId",
            "recordedAt",
            "repeated",
            "positions",
            "streams",
        ],
    ),
    ("WrittenStream", Identified, &["name", "version"]),
    ("UserError", Identified, ERROR),
    ("InvalidInput", Identified, ERROR),
    ("RuleRefusal", Identified, ERROR),
    ("MissingRight", Identified, ERROR),
    ("Conflict", Identified, ERROR),
    // The network: what binds all is there for all.
    (
        "Network",
        Participant,
        &[
            "id",
            "position",
            "at",
            "day",
            "founding",
            "rules",
            "organisations",
            "agreement",
        ],
    ),
    // Service sets are there for whoever may choose among them, an applicant's test integration
    // too; what members share with each other is for members.
    ("Network", Participant, &["services"]),
    (
        "Network",
        Member,
        &[
            "operatorContacts",
            "ownerContacts",
            "publishedSelfAudits",
            "steeringGroup",
        ],
    ),
    (
        "Network",
        OwnRows,
        &[
            "members",
            "integrations",
            "compliance",
            "access",
            "timeline",
            "usage",
            "authentications",
            "operations",
        ],
    ),
    (
        "UsageCount",
        OwnRows,
        &["day", "homeIntegration", "service", "outcome", "count"],
    ),
    (
        "Authentication",
        OwnRows,
        &[
            "position",
            "recordedAt",
            "occurredAt",
            "outcome",
            "reason",
            "homeIntegration",
            "service",
            "serviceIntegration",
            "protocol",
            "requestId",
            "messageId",
            "dataModelVersion",
            "released",
            "governancePosition",
        ],
    ),
    ("MemberConnection", OwnRows, PAGE),
    ("MemberEdge", OwnRows, EDGE),
    (
        "Member",
        OwnRows,
        &[
            "id",
            "organisation",
            "name",
            "businessId",
            "state",
            "roles",
            "roleHistory",
            "endsAt",
            "legalBases",
            "contacts",
            "selfAudits",
            "integrations",
            "record",
        ],
    ),
    (
        "LegalBasis",
        OwnRows,
        &[
            "instrument",
            "kind",
            "since",
            "window",
            "ground",
            "replaced",
        ],
    ),
    ("RoleWindow", OwnRows, &["role", "window"]),
    (
        "SelfAudit",
        OwnRows,
        &[
            "id",
            "organisation",
            "state",
            "questionnaire",
            "dueOn",
            "submittedOn",
            "reviewedOn",
            "publishedOn",
            "answers",
        ],
    ),
    ("ServiceConnection", Participant, PAGE),
    ("ServiceEdge", Participant, EDGE),
    (
        "Service",
        Participant,
        &[
            "id",
            "name",
            "description",
            "fee",
            "organisation",
            "environment",
            "isActive",
            "releaseSet",
        ],
    ),
    ("Service", OwnRows, &["proposedReleaseSet", "clients"]),
    ("IntegrationConnection", OwnRows, PAGE),
    ("IntegrationEdge", OwnRows, EDGE),
    (
        "Integration",
        OwnRows,
        &[
            "id",
            "organisation",
            "environment",
            "role",
            "type",
            "state",
            "isRoutable",
            "routableWindows",
            "idpId",
            "flowName",
            "peerName",
            "service",
            "permissions",
            "hasProposal",
            "hasSecret",
            "legacyId",
            "registeredAt",
            "warnings",
            "configuration",
        ],
    ),
    ("Permissions", OwnRows, &["mode", "services", "unknown"]),
    ("PermittedService", OwnRows, &["service", "since"]),
    (
        "Finding",
        OwnRows,
        &[
            "code",
            "severity",
            "organisation",
            "subject",
            "owedBy",
            "dueOn",
            "source",
            "detail",
        ],
    ),
    (
        "Party",
        Participant,
        &["organisation", "name", "businessId"],
    ),
    (
        "Founding",
        Participant,
        &[
            "purpose",
            "zone",
            "operator",
            "owner",
            "signInIssuer",
            "foundedAt",
        ],
    ),
    (
        "DatedRule",
        Participant,
        &["kind", "validFrom", "holds", "value", "source"],
    ),
    ("LanguageText", Participant, &["fi", "sv", "en"]),
    ("Window", Participant, &["from", "until"]),
    (
        "ContactPerson",
        Participant,
        &["id", "role", "name", "email", "phone", "postalAddress"],
    ),
    (
        "Organisation",
        Participant,
        &[
            "id",
            "oid",
            "name",
            "businessId",
            "types",
            "institutionType",
            "schoolCode",
            "municipality",
            "parent",
            "closedAt",
        ],
    ),
    ("Node", Participant, &["id"]),
    (
        "PageInfo",
        Participant,
        &["hasPreviousPage", "hasNextPage", "startCursor", "endCursor"],
    ),
    ("OrganisationConnection", Participant, PAGE),
    ("OrganisationEdge", Participant, EDGE),
    // The agreement, which an applicant reads before it joins.
    (
        "Agreement",
        Participant,
        &["instruments", "annexes", "amendments"],
    ),
    (
        "Instrument",
        Participant,
        &[
            "version",
            "kind",
            "title",
            "document",
            "address",
            "validFrom",
            "offered",
            "isOffered",
        ],
    ),
    ("Annex", Participant, &["number", "inForce", "editions"]),
    (
        "AnnexEdition",
        Participant,
        &[
            "version",
            "title",
            "document",
            "selects",
            "entersOn",
            "entersAt",
            "transitionLastDay",
            "amendment",
        ],
    ),
    (
        "Amendment",
        Participant,
        &[
            "id",
            "annex",
            "version",
            "title",
            "description",
            "state",
            "entersOn",
            "entersAt",
            "urgent",
            "proposedAt",
            "notifyBy",
            "announcedOn",
        ],
    ),
    ("Amendment", Member, &["votes", "decision"]),
    ("Amendment", OwnRows, &["notices"]),
    (
        "Vote",
        Member,
        &["seat", "organisation", "ballot", "castAt"],
    ),
    (
        "AmendmentNotice",
        OwnRows,
        &[
            "member",
            "sentOn",
            "channel",
            "lateBecause",
            "receivedOn",
            "late",
            "holdsOn",
            "exitFirstDay",
            "exitLastDay",
            "rule",
        ],
    ),
    // The steering group, open to all members (contract §7 ¶4).
    (
        "SteeringGroup",
        Member,
        &["terms", "seats", "meetings", "feeReviews"],
    ),
    ("SteeringTerm", Member, &["firstDay", "lastDay", "decision"]),
    (
        "Seat",
        Member,
        &[
            "id",
            "organisation",
            "name",
            "firstDay",
            "lastDay",
            "inOffice",
        ],
    ),
    (
        "Meeting",
        Member,
        &[
            "id",
            "beginsAt",
            "place",
            "agenda",
            "calledAt",
            "cancelledAt",
            "heldOn",
            "summary",
            "present",
        ],
    ),
    // Who may do what.
    ("Access", OwnRows, &["administrators", "credentials"]),
    ("Access", Network, &["nodes", "keys"]),
    ("Administrator", OwnRows, &["id", "name", "grants"]),
    (
        "Grant",
        OwnRows,
        &["id", "right", "organisation", "grantedAt", "revokedAt"],
    ),
    (
        "MachineCredential",
        OwnRows,
        &[
            "id",
            "label",
            "right",
            "organisation",
            "environment",
            "revokedAt",
        ],
    ),
    (
        "ProxyNode",
        Network,
        &["id", "name", "environments", "publicKey", "expelledAt"],
    ),
    (
        "EnvironmentKey",
        Network,
        &[
            "environment",
            "keyId",
            "purpose",
            "algorithm",
            "publicKey",
            "state",
        ],
    ),
    // The log.
    (
        "Event",
        OwnRows,
        &[
            "id",
            "position",
            "name",
            "stream",
            "streamVersion",
            "schemaVersion",
            "recordedAt",
            "actor",
            "actorName",
            "means",
            "commandId",
            "reason",
            "payload",
        ],
    ),
];

const ERROR: &[&str] = &["code", "field", "message", "remedy", "rule"];
const PAGE: &[&str] = &["pageInfo", "edges", "nodes", "totalCount"];
const EDGE: &[&str] = &["cursor", "node"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorisation::FieldTypes;
    use std::collections::BTreeSet;

    fn fields_of_the_schema() -> BTreeSet<(String, String)> {
        FieldTypes::of(&crate::schema_sdl()).fields().collect()
    }

    #[test]
    fn every_field_of_the_schema_has_a_row() {
        let missing: Vec<_> = fields_of_the_schema()
            .into_iter()
            .filter(|(parent, name)| crate::authorisation::field(parent, name).is_none())
            .collect();
        assert_eq!(
            missing,
            Vec::<(String, String)>::new(),
            "fields without a row"
        );
    }

    #[test]
    fn every_row_is_of_a_field() {
        let there = fields_of_the_schema();
        let rows = rows().flat_map(|(parent, _, names)| {
            names
                .iter()
                .map(|name| ((*parent).to_owned(), (*name).to_owned()))
        });
        let stale: Vec<_> = rows.clone().filter(|row| !there.contains(row)).collect();
        assert_eq!(
            stale,
            Vec::<(String, String)>::new(),
            "rows without a field"
        );
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = rows.filter(|row| !seen.insert(row.clone())).collect();
        assert_eq!(
            twice,
            Vec::<(String, String)>::new(),
            "fields with two rows"
        );
    }

    #[test]
    fn nothing_beyond_the_caller_itself_is_there_for_everybody() {
        let open: Vec<_> = rows()
            .filter(|(_, who, _)| *who == Anyone)
            .map(|(parent, _, _)| *parent)
            .collect();
        assert_eq!(open, ["Query", "Me", "HeldRight"]);
    }
}
