//! Random commands: nothing panics, what must hold holds after each, and a replay gives the same
//! network.

use super::discovery::discovery;
use super::*;
use crate::time::Instant;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One step, with small numbers that choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    RegisterHome(u8, u8, u8),
    RegisterClient(u8, u8),
    CreateService(u8),
    Lifecycle(u8, u8),
    Change(u8, u8),
    Discovery(u8, u8),
    Permit(u8, u8),
    WithdrawRole(u8),
    Import(u8, u8, bool),
    Wait(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => any::<(u8, u8, u8)>().prop_map(|(a, b, c)| Step::RegisterHome(a, b, c)),
        2 => any::<(u8, u8)>().prop_map(|(a, b)| Step::RegisterClient(a, b)),
        1 => any::<u8>().prop_map(Step::CreateService),
        8 => any::<(u8, u8)>().prop_map(|(a, b)| Step::Lifecycle(a, b)),
        2 => any::<(u8, u8)>().prop_map(|(a, b)| Step::Change(a, b)),
        1 => any::<(u8, u8)>().prop_map(|(a, b)| Step::Discovery(a, b)),
        1 => any::<(u8, u8)>().prop_map(|(a, b)| Step::Permit(a, b)),
        1 => any::<u8>().prop_map(Step::WithdrawRole),
        1 => any::<(u8, u8, bool)>().prop_map(|(a, b, c)| Step::Import(a, b, c)),
        1 => any::<u16>().prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

const SCHOOLS: [&str; 5] = ["", "+00001", "+00002", "-00001", "+00001 +00003"];

fn organisation(choice: u8) -> OrganisationOid {
    [home_organisation(), provider(), oid(999)][usize::from(choice) % 3].clone()
}

fn environment(choice: u8) -> Environment {
    Environment::ALL[usize::from(choice) % 4]
}

fn chosen<T: Copy>(things: &[T], choice: u8) -> Option<T> {
    things
        .get(usize::from(choice) % things.len().max(1))
        .copied()
}

fn command(network: &Network, step: &Step) -> Option<Command> {
    let integrations: Vec<_> = network.integrations.iter().map(|(id, _)| id).collect();
    let services: Vec<_> = network
        .services
        .services
        .iter()
        .map(|(id, _)| *id)
        .collect();
    Some(match *step {
        Step::RegisterHome(who, place, schools) => RegisterHomeIntegration {
            organisation: organisation(who),
            discovery: discovery(SCHOOLS[usize::from(schools) % 5], &["11"]),
            ..register_home(environment(place))
        }
        .into(),
        Step::RegisterClient(service, place) => register_client(
            chosen(&services, service)?,
            environment(place),
            oidc_client(&format!("client-{}", service % 3)),
        )
        .into(),
        Step::CreateService(fee) => {
            create_service((fee % 2 == 0).then_some(ServiceFee::Free)).into()
        }
        Step::Lifecycle(which, what) => {
            let integration = chosen(&integrations, which)?;
            match what % 9 {
                0 | 1 => SubmitIntegration { integration }.into(),
                2 | 3 => AcceptIntegration { integration }.into(),
                4 | 5 => ActivateIntegration { integration }.into(),
                6 => InactivateIntegration {
                    integration,
                    reason: None,
                }
                .into(),
                7 => ReactivateIntegration { integration }.into(),
                _ if what > 128 => SuspendIntegration {
                    integration,
                    ground: SuspensionGround::Repair,
                    reason: "any".parse().unwrap(),
                }
                .into(),
                _ => ReinstateIntegration { integration }.into(),
            }
        }
        Step::Change(which, what) => {
            let integration = chosen(&integrations, which)?;
            if network.integrations.get(integration)?.home().is_some() {
                ChangeHomeIntegration {
                    integration,
                    configuration: wilma(&format!("wilma-{}.example.org", what % 3)),
                    secret: None,
                }
                .into()
            } else {
                ChangeServiceIntegration {
                    integration,
                    configuration: oidc_client(&format!("client-{}", what % 3)),
                    secret_hash: None,
                }
                .into()
            }
        }
        Step::Discovery(which, schools) => ChangeDiscovery {
            integration: chosen(&integrations, which)?,
            discovery: discovery(SCHOOLS[usize::from(schools) % 5], &["11"]),
        }
        .into(),
        Step::Permit(which, what) => SetPermissionMode {
            integration: chosen(&integrations, which)?,
            mode: [PermissionMode::All, PermissionMode::List][usize::from(what) % 2],
            services: chosen(&services, what / 2)
                .filter(|_| what % 2 == 1)
                .into_iter()
                .collect(),
        }
        .into(),
        Step::WithdrawRole(who) => {
            let (member, role) = if who % 2 == 0 {
                (home_organisation(), MemberRole::HomeOrganisation)
            } else {
                (provider(), MemberRole::ServiceProvider)
            };
            WithdrawRole {
                member,
                role,
                last_day: None,
            }
            .into()
        }
        Step::Import(which, place, replace) => {
            super::super::import::tests::call(which, environment(place), replace).into()
        }
        Step::Wait(_) => return None,
    })
}

/// What must hold after every command.
fn check(network: &Network, imported: bool) {
    let mut names = BTreeMap::new();
    let mut idp_ids = BTreeMap::new();
    for (id, row) in network.integrations.iter() {
        for name in row.reserved() {
            let other = names.insert((row.environment, name.clone()), id);
            assert!(
                other.is_none(),
                "{name:?} is held twice in {}",
                row.environment
            );
            assert_eq!(
                network.integrations.by_peer_name(row.environment, &name),
                Some(id)
            );
        }
        if let Some(home) = row.home() {
            assert!(idp_ids.insert(home.idp_id.clone(), id).is_none());
        }
        if row.environment.needs_membership() {
            let membership = membership_windows(network, row);
            for window in routable_windows(network, id) {
                let last = window
                    .until
                    .map(|until| Instant::from_microseconds(until.microseconds() - 1));
                for at in std::iter::once(window.from).chain(last) {
                    assert!(membership.iter().any(|member| member.holds_at(at)));
                    assert!(row.windows.iter().any(|own| own.holds_at(at)));
                }
            }
        }
        for window in &row.windows {
            assert!(window.until.is_none_or(|until| window.from < until));
        }
        let open = row
            .windows
            .iter()
            .filter(|window| window.until.is_none())
            .count();
        assert_eq!(open, usize::from(row.state == IntegrationState::Active));
        if !imported
            && row.environment == Environment::Production
            && row.state == IntegrationState::Active
            && let Some(home) = row.home()
        {
            let others =
                overlapping_integrations(network, &row.organisation, &home.discovery, Some(id));
            assert!(others.is_empty(), "{id:?} overlaps {others:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 3 / 16))]

    #[test]
    fn random_commands_keep_what_must_hold(steps in steps()) {
        let mut scenario = ledger();
        let mut imported = false;
        for step in &steps {
            if let Step::Wait(minutes) = step {
                let later = scenario.now().plus(::time::Duration::minutes(i64::from(*minutes)));
                scenario = scenario.at(&later.to_string());
            }
            let Some(command) = command(scenario.network(), step) else {
                continue;
            };
            if let Ok(events) = scenario.decide(&command) {
                imported |= matches!(command, Command::ImportIntegrations(_));
                scenario.apply(events);
                check(scenario.network(), imported);
            }
        }
        let mut replayed = Network::default();
        for (event, at) in scenario.log() {
            replayed.apply(event, *at);
        }
        prop_assert_eq!(&replayed, scenario.network());
    }
}
