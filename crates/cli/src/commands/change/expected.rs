//! What an apply expects of the plan it makes: the saved plan, the given digest, or nothing; and how it reports.
use super::ApplyArgs;
use crate::commands::Format;
use crate::plan_file::{self, Stale};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::digest::{self, Digest};
use pinpoint_streams_model::plan::{Access, Basis, Plan};
use pinpoint_streams_model::recorded::Recorded;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub(in crate::commands) struct Expected {
    /// The saved plan with its file.
    saved: Option<(PathBuf, Plan)>,
    digest: Option<Digest>,
    format: Format,
}

impl Expected {
    /// A new plan with the digest of `--expect-digest`, if given.
    pub(in crate::commands) fn fresh(args: &ApplyArgs) -> Expected {
        Expected { digest: args.expect_digest.clone().map(Digest::from), ..Expected::default() }
    }

    /// The same, with its outcome reported in this format.
    pub(in crate::commands) fn reported_as(self, format: Format) -> Expected {
        Expected { format, ..self }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// This saved plan. Fails if it does not have the given digest.
    pub(in crate::commands) fn saved(file: &Path, plan: Plan, args: &ApplyArgs) -> Result<Expected, Stale> {
        let expected = Expected::fresh(args);
        expected.check_digest(&plan)?;
        Ok(Expected { saved: Some((file.to_owned(), plan)), ..expected })
    }

    pub(in crate::commands) fn saved_plan(&self) -> Option<(&Path, &Plan)> {
        self.saved.as_ref().map(|(file, plan)| (file.as_path(), plan))
    }

    /// How the saved plan connects.
    pub(in crate::commands) fn access(&self) -> Option<&Access> {
        self.saved_plan().and_then(|(_, plan)| plan.access.as_ref())
    }

    /// Whether this exact plan was reviewed: it was saved, and its digest was given.
    pub(in crate::commands) fn is_reviewed(&self) -> bool {
        self.saved.is_some() && self.digest.is_some()
    }

    /// Compares the basis of a saved plan before anything is read from AWS.
    pub(in crate::commands) fn check_inputs(&self, desired: &Desired, recorded: &Recorded) -> Result<(), Stale> {
        let Some((_, plan)) = &self.saved else { return Ok(()) };
        let now = Basis {
            manifest_digest: digest::of(desired),
            lineage: recorded.lineage.clone(),
            serial: recorded.serial,
            accounts: desired.accounts.clone(),
        };
        plan_file::check_basis(&plan.basis, &now)
    }

    /// Compares the state that a saved plan was made from with the current one.
    pub(in crate::commands) fn check_record(&self, recorded: &Recorded) -> Result<(), Stale> {
        let Some((_, Plan { basis, .. })) = &self.saved else { return Ok(()) };
        let now = (recorded.lineage.as_ref(), recorded.serial);
        plan_file::check_record((basis.lineage.as_ref(), basis.serial), now)
    }

    /// Compares the basis of a saved plan with that of the new plan.
    pub(in crate::commands) fn check_basis(&self, now: &Plan) -> Result<(), Stale> {
        self.saved.as_ref().map_or(Ok(()), |(_, plan)| plan_file::check_basis(&plan.basis, &now.basis))
    }

    /// Compares the new plan with the saved one, whose digest was checked before, or with the expected digest.
    pub(in crate::commands) fn check_plan(&self, plan: &Plan) -> Result<(), Stale> {
        let Some((_, saved)) = &self.saved else { return self.check_digest(plan) };
        plan_file::check_steps(&saved.steps, &plan.steps)?;
        plan_file::check_changes(saved, plan)
    }

    fn check_digest(&self, plan: &Plan) -> Result<(), Stale> {
        match &self.digest {
            Some(expected) if *expected != plan.plan_digest => {
                Err(Stale::Digest { expected: expected.clone(), found: plan.plan_digest.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }
}
