//! What has stopped working although the process goes on: one alarm a part, raised and cleared by
//! whoever runs the part, shown by readiness and metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The alarms of this process. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Alarms(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Alarms {
    /// Raises the alarm of a part, and logs why, unless it is raised for the same reason already.
    pub fn raise(&self, part: &'static str, why: String) {
        let mut alarms = self.lock();
        if alarms.get(part) != Some(&why) {
            tracing::error!(alarm = part, reason = %why, "Alarm: {part}: {why}");
            alarms.insert(part, why);
        }
    }

    /// Clears the alarm of a part, where one is raised.
    pub fn clear(&self, part: &'static str) {
        if self.lock().remove(part).is_some() {
            tracing::info!(alarm = part, "The alarm of {part} is over");
        }
    }

    /// The parts with an alarm, in order, each with the reason in words for the operator.
    pub fn raised(&self) -> Vec<(&'static str, String)> {
        let alarms = self.lock();
        alarms
            .iter()
            .map(|(part, why)| (*part, why.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_lasts_until_it_is_cleared() {
        let alarms = Alarms::default();
        alarms.raise("clerk", "it has ended".to_owned());
        alarms.clone().raise("usage", "no room".to_owned());
        let raised = alarms.raised();
        assert_eq!(
            raised,
            [
                ("clerk", "it has ended".to_owned()),
                ("usage", "no room".to_owned())
            ]
        );
        alarms.clear("clerk");
        alarms.clear("clerk");
        assert_eq!(alarms.raised().len(), 1);
    }
}
