//! The way into production from the member's side, and what must be true of every route.
//!
//! The checks read the member's row and the log, and none of the functions by which routes are
//! worked out.

use super::{Dice, organisation};
use crate::agreement::tests::{document, title};
use crate::integration::tests::{
    in_use, last_service, oidc_client, register_client, register_home,
};
use crate::membership::tests::duties::annex_1;
use crate::membership::tests::{application, company_application, joined as join};
use crate::steering::tests::{appoint, convene};
use crate::testing::{Scenario, day, found_ledger};
use crate::time::{Instant, Window};
use crate::value::OrganisationOid;
use crate::*;
use std::collections::{BTreeMap, BTreeSet};

/// A network with instruments of both kinds, a steering group of three and two members whose
/// memberships were accepted; the municipality and the company have joined where `joined` says so.
pub(super) fn start(joined: [bool; 2]) -> Scenario {
    let publish = |kind, version: &str| PublishInstrument {
        kind,
        version: version.parse().unwrap(),
        title: title("Asiakirja"),
        document: document('a'),
        address: None,
        valid_from: day("2018-01-01"),
    };
    let rule = |rule| SetRule {
        rule,
        valid_from: day("2018-01-01"),
        source: "invented for tests".parse().unwrap(),
    };
    let accept = |number, instrument: &str, roles| AcceptMember {
        organisation: organisation(number),
        name: None,
        business_id: None,
        instrument: instrument.parse().unwrap(),
        since: day("2024-01-01"),
        evidence: "invented for tests".parse().unwrap(),
        roles,
    };
    let both = vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider];
    let mut scenario = Scenario::empty()
        .given(FoundLedger {
            purpose: Purpose::Demo,
            ..found_ledger()
        })
        .given(publish(InstrumentKind::Contract, "contract-2018"))
        .given(publish(InstrumentKind::TermsOfUse, "terms-2023"))
        .given(rule(Rule::SelfAuditGate {
            gate: SelfAuditGate::AfterJoining,
        }))
        .given(rule(Rule::TermsNoticeByMember { months: 1 }))
        .given(annex_1("1.0"))
        .given(accept(2, "contract-2018", both))
        .given(accept(3, "terms-2023", vec![MemberRole::HomeOrganisation]))
        .given(convene("2025-01-01", "2026-12-31"));
    for name in ["Aino", "Bertta", "Cecilia"] {
        scenario = scenario.given(appoint(name, "2025-01-01"));
    }
    if joined[0] {
        scenario = join(scenario, &application());
    }
    if joined[1] {
        scenario = join(scenario, &company_application());
    }
    // Two of them route already, so that what happens to a route is tried often.
    scenario = scenario
        .given(assured(organisation(2)))
        .given(NotifyServiceStart {
            member: organisation(2),
            service: None,
            starts_on: day("2025-01-01"),
        })
        .given(service_of(organisation(2)));
    let client = register_client(
        last_service(&scenario),
        Environment::Production,
        oidc_client("client-in-use"),
    );
    let home = RegisterHomeIntegration {
        organisation: organisation(3),
        ..register_home(Environment::Production)
    };
    let (scenario, _) = in_use(scenario, client);
    in_use(scenario, home).0
}

fn assured(member: OrganisationOid) -> GiveAssurance {
    GiveAssurance {
        member,
        assurance: Assurance::ServicesMeetAnnex1,
        given_on: None,
        statement: None,
    }
}

fn service_of(organisation: OrganisationOid) -> CreateService {
    CreateService {
        organisation,
        description: ServiceDescription::named(title("Kuvitteellinen palvelu")),
        environment: None,
    }
}

/// What a member does to be let into production, and to leave.
pub(super) fn command(network: &Network, now: Instant, dice: Dice) -> Option<Command> {
    let member = organisation(dice.other % 4);
    Some(match dice.kind % 13 {
        0 | 1 => assured(member).into(),
        2 | 3 => NotifyServiceStart {
            member,
            service: None,
            starts_on: network.date(now).plus_days(dice.days.min(60)),
        }
        .into(),
        4 => SetRule {
            rule: Rule::SelfAuditGate {
                gate: if dice.pick.is_multiple_of(2) {
                    SelfAuditGate::BeforeProduction
                } else {
                    SelfAuditGate::AfterJoining
                },
            },
            valid_from: network.date(now),
            source: "invented for tests".parse().unwrap(),
        }
        .into(),
        5 | 9 => GiveNotice {
            member,
            cause: None,
        }
        .into(),
        6 => service_of(member).into(),
        7 | 8 => AcceptMember {
            organisation: member,
            name: None,
            business_id: None,
            instrument: "contract-2018".parse().unwrap(),
            since: network.date(now),
            evidence: "invented for tests".parse().unwrap(),
            roles: vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider],
        }
        .into(),
        // One more step for whatever is on its way.
        _ => {
            let integration = dice.one(network.integrations.iter().map(|(id, _)| id))?;
            match network.integrations.get(integration)?.state {
                IntegrationState::Draft => SubmitIntegration { integration }.into(),
                IntegrationState::Submitted => AcceptIntegration { integration }.into(),
                IntegrationState::Accepted | IntegrationState::Active => {
                    ActivateIntegration { integration }.into()
                }
                IntegrationState::Suspended => ReinstateIntegration { integration }.into(),
                IntegrationState::Inactive => ReactivateIntegration { integration }.into(),
            }
        }
    })
}

/// One microsecond before, at and after each end of a window.
fn around(window: &Window) -> impl Iterator<Item = Instant> {
    let ends = std::iter::once(window.from).chain(window.until);
    ends.flat_map(|end| {
        (-1..=1).map(move |step| Instant::from_microseconds(end.microseconds() + step))
    })
}

/// Since when the membership at `at` has been in force without a gap, and when the one before
/// ended, by the legal bases.
fn membership(member: &Member, at: Instant) -> Option<(Instant, Option<Instant>)> {
    let bases = &member.legal_bases;
    let mut first = bases.iter().find(|basis| basis.window.holds_at(at))?;
    while let Some(before) = bases.iter().find(|basis| {
        basis.window.until == Some(first.window.from) && basis.window.from < first.window.from
    }) {
        first = before;
    }
    let ends = bases.iter().filter_map(|basis| basis.window.until);
    Some((
        first.window.from,
        ends.filter(|end| *end <= first.window.from).max(),
    ))
}

/// Whether the agreement lets this integration route in production at `at`.
fn let_in(network: &Network, row: &Integration, at: Instant) -> bool {
    let role = match row.side {
        Side::Home(_) => MemberRole::HomeOrganisation,
        Side::Service(_) => MemberRole::ServiceProvider,
    };
    let Some(member) = network.members.get(&row.organisation) else {
        return false;
    };
    if !member.in_force(at) || !member.has_role(role, at) {
        return false;
    }
    let Some((since, ended_before)) = membership(member, at) else {
        return false;
    };
    // It came into use in this membership, in which nothing of an earlier one counts.
    let used_since = row
        .windows
        .iter()
        .filter(|own| own.holds_at(at))
        .map(|own| own.from);
    let Some(used_since) = used_since
        .max()
        .filter(|from| *from >= since && row.accepted)
    else {
        return false;
    };
    let counts =
        |recorded: Instant| recorded <= at && ended_before.is_none_or(|end| recorded >= end);
    let evidence = member.legal_bases.iter().any(|basis| {
        basis.window.from == since && matches!(basis.ground, BasisGround::Accepted { .. })
    });
    if row.legacy_id.is_some() && evidence {
        return true;
    }
    match &row.side {
        Side::Service(client) => {
            let assured = member.assurances.iter().any(|given| {
                given.assurance == Assurance::ServicesMeetAnnex1 && counts(given.recorded_at)
            });
            let started = member.service_starts.iter().any(|start| {
                start
                    .service
                    .is_none_or(|service| service == client.service)
                    && counts(start.recorded_at)
                    && start.starts_on <= network.date(at)
            });
            assured && started
        }
        Side::Home(_) => {
            let rule = network
                .rules
                .on(RuleKind::SelfAuditGate, network.date(used_since));
            let after = Rule::SelfAuditGate {
                gate: SelfAuditGate::AfterJoining,
            };
            let audited = member
                .self_audits
                .iter()
                .filter_map(|audit| audit.accepted_at);
            rule.is_some_and(|dated| dated.rule == after) || audited.into_iter().any(counts)
        }
    }
}

/// No production route without a membership in force that has the needed role, and without what
/// the agreement asks for before production: now, and on both sides of every edge.
pub(super) fn check(network: &Network, now: Instant) {
    for (id, row) in network.integrations.iter() {
        let windows = routable_windows(network, id);
        for pair in windows.windows(2) {
            assert!(pair[0].until.is_some_and(|until| until <= pair[1].from));
        }
        if row.environment != Environment::Production {
            continue;
        }
        let mut moments: BTreeSet<Instant> = windows.iter().flat_map(around).collect();
        moments.insert(now);
        if let Some(member) = network.members.get(&row.organisation) {
            let bases = member.legal_bases.iter().map(|basis| &basis.window);
            let roles = member.roles.iter().map(|role| &role.window);
            moments.extend(bases.chain(roles).flat_map(around));
        }
        for at in moments {
            assert!(
                !is_routable(network, id, at) || let_in(network, row, at),
                "{id:?} routes at {at} and may not: {row:#?} {:#?}",
                network.members.get(&row.organisation)
            );
        }
    }
}

/// Identifiers and flow names were given once in the whole log, and no two clients that are in use
/// in one environment have one name.
pub(super) fn names_are_given_once(log: &[(Event, Instant)]) {
    let mut idp_ids = BTreeMap::new();
    let mut flow_names = BTreeMap::new();
    for (event, _) in log {
        let Event::IntegrationRegistered(registered) = event else {
            continue;
        };
        if let RegisteredSide::Home(home) = &registered.side {
            let flow_name = home.flow_name.as_str().to_lowercase();
            let first = idp_ids.insert(home.idp_id.clone(), registered.integration);
            assert!(first.is_none(), "{} was given twice", home.idp_id);
            let first = flow_names.insert(flow_name, registered.integration);
            assert!(first.is_none(), "{} was given twice", home.flow_name);
        }
    }
}
