//! The written form of notices: what shows them, and to whom they were delivered.

use super::ending::*;
use super::*;
use crate::founding::operator_contact;
use crate::testing::day;
use crate::{Command, NameOperatorContact, NoticeChannel, Right};

fn delivery(network: &Network) -> NoticeDelivery {
    last_notice(network, &municipality()).delivery
}

// Membership contract §7 ¶3: in writing, to the other party's contact person.
#[test]
fn a_notice_says_how_it_came_and_to_whom() {
    let scenario = home()
        .given(NameOperatorContact {
            role: ContactRole::Contract,
            contact: person("Olga Operaattori"),
            notified_on: None,
        })
        .at("2025-02-20");
    let operators_contact = operator_contact(scenario.network(), ContactRole::Contract);
    assert!(operators_contact.is_some());
    let members_contact = row(scenario.network(), &municipality())
        .contact(ContactRole::Contract)
        .map(|contact| contact.person);
    scenario
        .given(RecordMemberNotice {
            member: municipality(),
            cause: None,
            sent_on: day("2025-02-10"),
            received_on: day("2025-02-13"),
            channel: NoticeChannel::Email,
            document: document("8"),
        })
        .then_state(|network| {
            let by_mail = NoticeDelivery {
                channel: Some(NoticeChannel::Email),
                document: Some(document("8")),
                contact: operators_contact,
            };
            assert_eq!(delivery(network), by_mail);
        })
        .given(operators(municipality(), "2025-02-20"))
        .then_state(|network| {
            assert_eq!(delivery(network).contact, members_contact);
            assert_eq!(delivery(network).channel, Some(NoticeChannel::Letter));
        })
        .given(leave(municipality()))
        .then_state(|network| {
            let here = NoticeDelivery {
                channel: None,
                document: None,
                contact: operators_contact,
            };
            assert_eq!(delivery(network), here);
        });
}

#[test]
fn nobody_gives_a_members_notice_here_but_the_member() {
    let scenario = home();
    let rights: Vec<Right> = Command::from(leave(municipality()))
        .authorities(scenario.network())
        .into_iter()
        .map(|way| way.right)
        .collect();
    assert_eq!(rights, [Right::Manager]);
}

#[test]
fn what_the_operator_records_has_the_writing() {
    let without = serde_json::json!({
        "member": municipality(),
        "sentOn": "2025-02-10",
        "receivedOn": "2025-02-13",
        "channel": "LETTER",
    });
    for command in ["RecordMemberNotice", "GiveNoticeToMember"] {
        let read = Command::deserialize_named(command, &without).unwrap();
        assert!(read.unwrap_err().to_string().contains("document"));
    }
}
