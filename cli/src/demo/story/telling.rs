//! Telling the story: its steps given to the registrar, day by day.

use super::{DAYS, Plan, TestParties};
use crate::demo::addresses::Addresses;
use crate::demo::clock::StoryClock;
use crate::exit::{Kind, trouble};
use crate::house::{House, refused};
use crate::progress::Progress;
use anyhow::Context as _;
use domain::{Actor, Authority, Command, Means, Network, PersonId, Purpose, Right, Rights};
use registrar::{Submission, SubmitError, clerk};

/// Tells the plan into the house, whose clock is `clock`, from the first day to now.
pub(crate) async fn tell(house: &House, clock: &StoryClock, plan: &Plan) -> anyhow::Result<()> {
    let progress = Progress::of(plan.steps().len(), "telling the story");
    let mut steps = plan.steps().iter().peekable();
    for day in -i64::from(DAYS)..=0 {
        let mut number = 0;
        clock.move_to(plan.instant(day, number));
        if house.registrar.network().1.founding.is_some() {
            clerk::record_due(&house.registrar, registrar::Clock::now(clock)).await?;
        }
        while let Some(step) = steps.next_if(|step| step.day <= day) {
            check(&house.registrar.network().1, &step.command)?;
            clock.move_to(plan.instant(day, number));
            number += 1;
            progress.next();
            give(house, step.id, step.command.clone())
                .await
                .with_context(|| {
                    format!(
                        "telling day {day} of the story failed at {}",
                        step.command.name()
                    )
                })?;
        }
    }
    clock.move_to(clock.real_start());
    clock.catch_up();
    Ok(())
}

/// Nothing of the story goes into a ledger that was founded for real.
fn check(network: &Network, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::FoundLedger(founding) if founding.purpose == Purpose::Demo => Ok(()),
        _ => check_purpose(network),
    }
}

/// Refuses a ledger whose purpose is not demo.
pub(crate) fn check_purpose(network: &Network) -> anyhow::Result<()> {
    match &network.founding {
        Some(founding) if founding.purpose == Purpose::Demo => Ok(()),
        _ => Err(trouble(
            Kind::Refused,
            "this ledger was not founded for the demo\n  what to do: give `trustnet demo` a data directory of its own",
        )),
    }
}

/// Checks that a ledger from an earlier run has this story, told to its end, for these addresses.
pub(crate) fn check_told(
    network: &Network,
    addresses: &Addresses,
    parties: &TestParties,
) -> anyhow::Result<()> {
    check_purpose(network)?;
    let issuer = network
        .founding
        .as_ref()
        .map(|founding| &founding.sign_in_issuer);
    if issuer != Some(&addresses.sign_in) {
        return Err(trouble(
            Kind::Input,
            "this demo ran on other ports before\n  what to do: give the same --port, or another data directory",
        ));
    }
    let all = parties
        .clients
        .iter()
        .chain(&parties.sources)
        .chain([&parties.home]);
    if all
        .into_iter()
        .any(|integration| network.integrations.get(*integration).is_none())
    {
        return Err(trouble(
            Kind::Refused,
            "the story in this data directory is another one, or was cut short\n  what to do: give another data directory",
        ));
    }
    Ok(())
}

async fn give(house: &House, id: domain::CommandId, command: Command) -> anyhow::Result<()> {
    let network = house.registrar.network();
    let authority = command.authorities(&network.1).into_iter().min_by_key(rank);
    let rights: Rights = authority
        .clone()
        .map(|way| (way.right, way.organisation))
        .into_iter()
        .collect();
    let submission = Submission {
        command_id: id,
        expected_version: None,
        actor: actor(&network.1, authority.as_ref()),
        rights,
        reason: None,
        command,
    };
    match house.registrar.submit(submission).await {
        Ok(_) => Ok(()),
        Err(SubmitError::Rejected(rejection)) => Err(refused(&rejection)),
        Err(error) => Err(error.into()),
    }
}

/// Who would give a command, of those who may: the organisation itself before the operator.
fn rank(way: &Authority) -> u8 {
    match way.right {
        right if right.is_for_one_organisation() && way.organisation.is_none() => 9,
        Right::Manager => 0,
        Right::ServiceManager => 1,
        Right::Applicant => 2,
        Right::Owner => 3,
        Right::Operator => 4,
        Right::SteeringMember => 5,
        _ => 6,
    }
}

/// Somebody who holds the right in the ledger, or else whoever sits at the machine.
fn actor(network: &Network, way: Option<&Authority>) -> Actor {
    let mut grants = network.access.grants.values();
    let holder = way.and_then(|way| {
        grants.find(|grant| grant.right == way.right && grant.organisation == way.organisation)
    });
    Actor {
        person: holder.map_or(PersonId(uuid::Uuid::nil()), |grant| grant.person),
        means: Means::Console,
        on_behalf_of: way.and_then(|way| way.organisation.clone()),
    }
}
