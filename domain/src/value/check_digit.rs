//! Check digits of the national object identifiers.
//!
//! Persons (node 24) use the weights 7, 3, 1 from the right, the checksum of the Finnish reference number; every other
//! node, organisations (node 10) included, uses Luhn. Real organisations exist whose identifier fails Luhn, the root
//! organisation among them, so that check informs and never refuses.

/// The check digit of a run of decimal digits by the weights 7, 3, 1 repeating from the right.
///
/// `None` where the text is empty or holds anything but ASCII digits.
pub fn seven_three_one(payload: &str) -> Option<u8> {
    let weights = [7_u32, 3, 1].into_iter().cycle();
    let sum = weighted_sum(payload, weights, |digit, weight| digit * weight)?;
    complement(sum)
}

/// The Luhn check digit of a run of decimal digits.
///
/// `None` where the text is empty or holds anything but ASCII digits.
pub fn luhn(payload: &str) -> Option<u8> {
    let weights = [2_u32, 1].into_iter().cycle();
    let sum = weighted_sum(payload, weights, |digit, weight| {
        let product = digit * weight;
        if product > 9 { product - 9 } else { product }
    })?;
    complement(sum)
}

/// Whether the last digit of `digits` is the 7-3-1 check digit of the others.
pub fn ends_with_seven_three_one(digits: &str) -> bool {
    ends_with(digits, seven_three_one)
}

/// Whether the last digit of `digits` is the Luhn check digit of the others.
pub fn ends_with_luhn(digits: &str) -> bool {
    ends_with(digits, luhn)
}

fn ends_with(digits: &str, check: fn(&str) -> Option<u8>) -> bool {
    let Some((cut, last)) = digits.char_indices().next_back() else {
        return false;
    };
    let Some(last) = last.to_digit(10) else {
        return false;
    };
    check(&digits[..cut]).is_some_and(|digit| u32::from(digit) == last)
}

fn weighted_sum(
    payload: &str,
    weights: impl Iterator<Item = u32>,
    product: impl Fn(u32, u32) -> u32,
) -> Option<u32> {
    if payload.is_empty() {
        return None;
    }
    // The sum is kept modulo 10, so that no length of input can overflow it.
    payload
        .chars()
        .rev()
        .zip(weights)
        .try_fold(0, |sum, (character, weight)| {
            Some((sum + product(character.to_digit(10)?, weight)) % 10)
        })
}

fn complement(sum: u32) -> Option<u8> {
    u8::try_from((10 - sum % 10) % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::passes("10000000016", true)]
    #[case::published_test_value_that_fails("10000000008", false)]
    fn learner_id_vectors(#[case] digits: &str, #[case] right: bool) {
        assert_eq!(ends_with_seven_three_one(digits), right);
    }

    #[rstest]
    #[case("33651716236", true)]
    #[case("74484103937", true)]
    #[case("21199106507", true)]
    #[case("90008375488", true)]
    #[case::root_organisation("00000000001", false)]
    fn organisation_vectors(#[case] digits: &str, #[case] right: bool) {
        assert_eq!(ends_with_luhn(digits), right);
    }

    #[rstest]
    #[case("")]
    #[case("1a3")]
    #[case("١٢٣")]
    fn anything_but_digits_has_no_check_digit(#[case] text: &str) {
        assert_eq!((seven_three_one(text), luhn(text)), (None, None));
        assert!(!ends_with_luhn(text) && !ends_with_seven_three_one(text));
    }
}
