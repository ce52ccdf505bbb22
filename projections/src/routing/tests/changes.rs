//! What differs between two tables, applied to the one, gives the other.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Service(u8, u64),
    RemoveService(u8),
    Home(u8, u64),
    RemoveHome(u8),
    Organisation(u8, Option<u8>),
    RemoveOrganisation(u8),
    Suspend(u8),
    Reinstate(u8),
    Key(u8, u64),
    RemoveKey(u8),
    Settings(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 0_u8..6;
    prop_oneof![
        (number(), any::<u64>()).prop_map(|(n, p)| Step::Service(n, p)),
        number().prop_map(Step::RemoveService),
        (number(), any::<u64>()).prop_map(|(n, p)| Step::Home(n, p)),
        number().prop_map(Step::RemoveHome),
        (number(), proptest::option::of(number())).prop_map(|(n, c)| Step::Organisation(n, c)),
        number().prop_map(Step::RemoveOrganisation),
        number().prop_map(Step::Suspend),
        number().prop_map(Step::Reinstate),
        (number(), any::<u64>()).prop_map(|(n, p)| Step::Key(n, p)),
        number().prop_map(Step::RemoveKey),
        any::<u32>().prop_map(Step::Settings),
    ]
}

fn take(table: &mut RoutingTable, step: &Step) {
    let suspension_id = |n: u8| SuspensionId(Uuid::from_u128(u128::from(n)));
    match *step {
        Step::Service(n, position) => table.put_service(ServiceClient {
            position,
            ..service(n)
        }),
        Step::RemoveService(n) => table.remove_service(integration(n)),
        Step::Home(n, position) => table.put_home(HomeIntegration {
            position,
            ..home(n)
        }),
        Step::RemoveHome(n) => table.remove_home(integration(n)),
        Step::Organisation(n, code) => {
            let code = code.map(|code| format!("{code:05}"));
            table.put_organisation(organisation(n, code.as_deref()));
        }
        Step::RemoveOrganisation(n) => table.remove_organisation(&oid(n)),
        Step::Suspend(n) => {
            table.put_suspension(Suspension {
                id: suspension_id(n),
                ..suspension()
            });
        }
        Step::Reinstate(n) => table.remove_suspension(suspension_id(n)),
        Step::Key(n, position) => table.put_key(EnvironmentKey {
            key_id: format!("key-{n}"),
            purpose: domain::KeyPurpose::Signing,
            algorithm: "ES256".to_owned(),
            public_key: None,
            private_key: Secret::Missing,
            state: domain::KeyState::Active,
            position,
        }),
        Step::RemoveKey(n) => table.remove_key(&format!("key-{n}")),
        Step::Settings(session_lifetime_seconds) => {
            table.set_settings(RoutingSettings {
                session_lifetime_seconds,
                ..RoutingSettings::default()
            });
        }
    }
}

proptest! {
    #[test]
    fn the_difference_of_two_tables_turns_one_into_the_other(
        first in proptest::collection::vec(step(), 0..30),
        second in proptest::collection::vec(step(), 0..30),
    ) {
        let mut before = RoutingTable::empty(Environment::Test);
        for step in first {
            take(&mut before, &step);
        }
        before.set_position(1);
        let mut after = before.clone();
        for step in second {
            take(&mut after, &step);
        }
        after.set_position(2);

        let update = RoutingUpdate::Delta(RoutingDelta::between(&before, &after).into());
        let RoutingUpdate::Delta(travelled) =
            RoutingUpdate::from_line(&update.to_line().unwrap()).unwrap()
        else { unreachable!() };
        let mut applied = before;
        applied.apply(&travelled).unwrap();
        prop_assert_eq!(&applied, &after);

        let snapshot: RoutingTable =
            serde_json::from_slice(&serde_json::to_vec(&after).unwrap()).unwrap();
        prop_assert_eq!(&snapshot, &after);
        for number in 0..6_u8 {
            let client = format!("client-{number}");
            prop_assert_eq!(
                applied.service_by_client_id(&client), after.service_by_client_id(&client)
            );
            let code = SchoolCode::parse(&format!("{number:05}")).unwrap();
            prop_assert_eq!(
                applied.organisation_by_school_code(&code).is_some(),
                after.organisations().iter().any(|row| row.school_code.as_ref() == Some(&code))
            );
        }
    }
}
