//! Digest, then parse: whatever is accepted was read from octets whose hash was signed.

use super::*;
use aws_lc_rs::digest;
use proptest::prelude::*;

/// A change to a response, as an attacker without a key can make it.
#[derive(Clone, Debug)]
enum Mutation {
    /// Some octets are replaced.
    Octets(usize, String),
    /// A piece is taken out.
    Removed(usize, usize),
    /// A piece is repeated elsewhere.
    Copied(usize, usize, usize),
    /// A name is changed everywhere.
    Renamed(&'static str, &'static str),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let piece = prop::sample::select(vec![
        "<!-- x -->",
        "<![CDATA[rector]]>",
        " ",
        "&#x72;",
        "rector",
        "<a/>",
        "ID=\"_assertion\"",
        "xmlns:saml=\"urn:e\"",
    ]);
    let names = prop::sample::select(vec![
        ("pupil", "rector"),
        ("_assertion", "_other"),
        ("saml:", "s:"),
        ("ds:", "d:"),
        ("\"2.0\"", "'2.0'"),
        ("></ds:Transform>", "/>"),
    ]);
    prop_oneof![
        (any::<usize>(), piece).prop_map(|(at, piece)| Mutation::Octets(at, piece.to_owned())),
        (any::<usize>(), 1..300_usize).prop_map(|(at, length)| Mutation::Removed(at, length)),
        (any::<usize>(), 1..3000_usize, any::<usize>())
            .prop_map(|(from, length, to)| Mutation::Copied(from, length, to)),
        names.prop_map(|(from, to)| Mutation::Renamed(from, to)),
    ]
}

fn mutate(text: &mut String, mutation: &Mutation) {
    let at = |place: usize, text: &str| place % (text.len() + 1);
    match mutation {
        Mutation::Octets(place, piece) => text.insert_str(at(*place, text), piece),
        Mutation::Removed(place, length) => {
            let begin = at(*place, text);
            let end = (begin + length).min(text.len());
            text.replace_range(begin..end, "");
        }
        Mutation::Copied(from, length, to) => {
            let begin = at(*from, text);
            let end = (begin + length).min(text.len());
            let piece = text[begin..end].to_owned();
            text.insert_str(at(*to, text), &piece);
        }
        Mutation::Renamed(from, to) => *text = text.replace(from, to),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_accepted_is_what_was_hashed_and_says_what_was_signed(
        mutations in prop::collection::vec(mutation(), 0..3),
        assertion_signed: bool,
        response_signed: bool,
        encrypted: bool,
    ) {
        let signing = Signing { assertion: assertion_signed, response: response_signed, encrypted };
        let mut text = response(&assertion(), &IDP, signing);
        for mutation in &mutations {
            mutate(&mut text, mutation);
        }
        if let Ok(accepted) = receive_it(&text) {
            let hash = digest::digest(&digest::SHA256, accepted.signed.octets().as_bytes());
            prop_assert_eq!(hash.as_ref(), accepted.signed.digest());
            if assertion_signed || !encrypted {
                prop_assert_eq!(&accepted.octets, accepted.signed.octets());
            }
            prop_assert_eq!(accepted.assertion, assertion());
        } else {
            prop_assert!(!mutations.is_empty() || !(assertion_signed || response_signed));
        }
    }
}
