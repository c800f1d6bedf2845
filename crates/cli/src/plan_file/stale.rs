//! Whether a plan that was good once still holds: compared with what has become of what it was made from.
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, Serial, Workspace};
use pinpoint_streams_model::plan::{Basis, Mode, Plan, Step};
use similar::TextDiff;

/// Why a plan that was good once must not be carried out now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// It is a plan for other accounts.
    #[error("the plan is for account {}, and `{alias}` is now {}", or_none(.planned), or_none(.now))]
    Account {
        /// The account's alias.
        alias: AccountAlias,
        /// What it meant.
        planned: Option<AccountId>,
        /// What it means.
        now: Option<AccountId>,
    },
    /// It is another workspace's.
    #[error("the plan is one of workspace `{planned}`, and this is workspace `{now}`")]
    Workspace {
        /// Whose plan it is.
        planned: Workspace,
        /// Whose manifest, or folder, this is.
        now: Workspace,
    },
    /// The state that it was made from is not there.
    #[error("the plan was made from a state of lineage {planned}, and now there is no state")]
    StateGone {
        /// The lineage that it was made from.
        planned: Lineage,
    },
    /// There was no state, and now there is one.
    #[error("the plan was made before there was a state, and now there is one, of lineage {now}")]
    StateAppeared {
        /// The lineage of the state.
        now: Lineage,
    },
    /// The state is another one.
    #[error("the plan is for a state of lineage {planned}, and the state now has {now}")]
    Lineage {
        /// The lineage that it was made from.
        planned: Lineage,
        /// That of the state.
        now: Lineage,
    },
    /// The state has been written since.
    #[error("the plan was made from serial {planned} of the state, which is now at {now}")]
    Serial {
        /// The serial that it was made from.
        planned: Serial,
        /// That of the state.
        now: Serial,
    },
    /// The manifest means something else by now.
    #[error("the manifest has changed since the plan was made")]
    Manifest,
    /// AWS is not as it was.
    #[error("what is to be done has changed since the plan was made:\n{difference}")]
    Steps {
        /// Old and new steps, line by line.
        difference: String,
    },
    /// A sweep's plan is good for a day.
    #[error("the sweep was planned at {planned}, more than 24 hours ago: a role may have been used since")]
    Expired {
        /// When it was planned.
        planned: Timestamp,
    },
    /// A clock was put back since, or was ahead then.
    #[error("the sweep was planned at {planned}, and it is only {now}: how old it is nobody knows")]
    FromTheFuture {
        /// When it was planned, by the clock of then.
        planned: Timestamp,
        /// By the clock of now.
        now: Timestamp,
    },
    /// It is not the plan that was expected.
    #[error("the plan has digest {found}, and {expected} was expected")]
    Digest {
        /// As given.
        expected: Digest,
        /// As it is.
        found: Digest,
    },
}

fn or_none<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "none".to_owned(), T::to_string)
}

impl Stale {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Stale::Account { .. } => "use the credentials and the manifest that the plan was made with".to_owned(),
            Stale::Workspace { .. } => "apply it where it was made, or name that manifest: --config FILE".to_owned(),
            Stale::StateGone { .. } => {
                "put the state back where it was; if it is lost, `pinpoint-streams state recover` makes it anew from \
                 what is live, and then plan anew"
                    .to_owned()
            }
            Stale::StateAppeared { .. } => {
                "nothing was done; somebody has applied since: plan anew and review it".to_owned()
            }
            Stale::Lineage { .. } => "use the state that the plan was made from, or plan anew".to_owned(),
            Stale::Serial { planned, now } if now < planned => {
                "nothing was done; the state is an older one than the plan was made from: put the latest back, or \
                 plan anew and review it"
                    .to_owned()
            }
            Stale::Serial { .. } => {
                "nothing was done; the record has changed since: plan anew and review it".to_owned()
            }
            Stale::Manifest => {
                "nothing was done; take the manifest, variables and account that it was made with, or plan anew and \
                 review it"
                    .to_owned()
            }
            Stale::Steps { .. } => {
                "nothing was done; another hand has changed what is live: plan anew and review it".to_owned()
            }
            Stale::Digest { .. } => {
                "nothing was done; review this plan, then approve it with its own digest".to_owned()
            }
            Stale::FromTheFuture { .. } => {
                "nothing was done; set the clock right, or sweep anew on a machine where it is right".to_owned()
            }
            Stale::Expired { .. } => "nothing was done; sweep anew and review it".to_owned(),
        }
    }
}

/// Whether a sweep's plan is from the last 24 hours. Other plans do not age: what they rest on is compared. Of a plan
/// from the future nobody knows the age; two machines' clocks may differ a little.
pub fn check_age(plan: &Plan, now: Timestamp) -> Result<(), Stale> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const A_LITTLE: SignedDuration = SignedDuration::from_mins(5);
    let Some(sweep) = plan.options.sweep.as_ref().filter(|_| plan.mode == Mode::Sweep) else { return Ok(()) };
    let (age, planned) = (now.duration_since(sweep.now), sweep.now);
    match age {
        _ if age > DAY => Err(Stale::Expired { planned }),
        _ if -age > A_LITTLE => Err(Stale::FromTheFuture { planned, now }),
        _ => Ok(()),
    }
}

/// Whether it is this workspace's plan.
pub fn check_workspace(plan: &Plan, now: &Workspace) -> Result<(), Stale> {
    if plan.workspace == *now {
        return Ok(());
    }
    Err(Stale::Workspace { planned: plan.workspace.clone(), now: now.clone() })
}

/// Whether a plan made from `planned` may still be looked at when things now stand like this.
pub fn check_basis(planned: &Basis, now: &Basis) -> Result<(), Stale> {
    let Basis { manifest_digest, lineage, serial, accounts } = planned;
    let aliases = accounts.keys().chain(now.accounts.keys());
    for alias in aliases {
        let (planned, now) = (accounts.get(alias), now.accounts.get(alias));
        if planned != now {
            return Err(Stale::Account { alias: alias.clone(), planned: planned.cloned(), now: now.cloned() });
        }
    }
    check_record((lineage.as_ref(), *serial), (now.lineage.as_ref(), now.serial))?;
    if *manifest_digest != now.manifest_digest {
        return Err(Stale::Manifest);
    }
    Ok(())
}

/// Whether the record of this lineage and serial is the one of those.
pub fn check_record(planned: (Option<&Lineage>, Serial), now: (Option<&Lineage>, Serial)) -> Result<(), Stale> {
    match (planned, now) {
        ((Some(planned), _), (Some(now), _)) if planned != now => {
            Err(Stale::Lineage { planned: planned.clone(), now: now.clone() })
        }
        ((Some(planned), _), (None, _)) => Err(Stale::StateGone { planned: planned.clone() }),
        ((None, _), (Some(now), _)) => Err(Stale::StateAppeared { now: now.clone() }),
        ((_, planned), (_, now)) if planned != now => Err(Stale::Serial { planned, now }),
        _ => Ok(()),
    }
}

/// Whether the steps are still the same.
pub fn check_steps(planned: &[Step], now: &[Step]) -> Result<(), Stale> {
    if planned == now {
        return Ok(());
    }
    // Our own types to memory: this cannot fail.
    let lines = |steps: &[Step]| serde_json::to_string_pretty(steps).unwrap_or_default();
    let (old, new) = (lines(planned), lines(now));
    let difference =
        TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).header("planned", "now").to_string();
    Err(Stale::Steps { difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    fn planned() -> Plan {
        testing::plan(&[testing::change("role.shop", "create", "new", json!([]))])
    }

    #[test]
    fn every_way_to_be_stale_is_an_error_of_its_own_with_words_and_a_hint_of_its_own() {
        let plan = planned();
        let check = |change: fn(&mut Basis)| {
            let mut now = plan.basis.clone();
            change(&mut now);
            check_basis(&plan.basis, &now)
        };
        assert_eq!(check(|_| ()), Ok(()));
        assert_eq!(check_workspace(&plan, &plan.workspace), Ok(()));
        let mut before = plan.basis.clone();
        before.lineage = None;
        let stale = [
            check_workspace(&plan, &"ads".parse().unwrap()),
            check(|now| now.accounts.clear()),
            check(|now| now.lineage = None),
            check_basis(&before, &plan.basis),
            check(|now| now.lineage = "other".parse().ok()),
            check(|now| now.serial = Serial(8)),
            check(|now| now.serial = Serial(6)),
            check(|now| now.manifest_digest = "sha256:2".to_owned().into()),
            check_steps(&plan.steps, &[]),
            Err(Stale::Digest { expected: "sha256:2".to_owned().into(), found: plan.plan_digest.clone() }),
            Err(Stale::Expired { planned: Timestamp::UNIX_EPOCH }),
            Err(Stale::FromTheFuture { planned: Timestamp::MAX, now: Timestamp::UNIX_EPOCH }),
        ];
        let stale = stale.map(Result::unwrap_err);
        let words: Vec<String> = stale.iter().map(|stale| format!("{stale}\n  {}", stale.hint())).collect();
        let unlike = |texts: Vec<String>| std::collections::BTreeSet::from_iter(texts).len();
        assert_eq!(unlike(stale.iter().map(Stale::to_string).collect()), stale.len());
        assert_eq!(unlike(stale.iter().map(Stale::hint).collect()), stale.len());
        insta::assert_snapshot!(words.join("\n"));
    }

    #[test]
    fn steps_that_changed_are_shown_line_by_line() {
        let plan = planned();
        let mut now = plan.steps.clone();
        now[0].after.push(pinpoint_streams_model::ids::StepId(9));
        let Err(Stale::Steps { difference }) = check_steps(&plan.steps, &now) else { panic!("they differ") };
        assert!(difference.contains("+      9") || difference.contains("+    9"), "{difference}");
    }
}
