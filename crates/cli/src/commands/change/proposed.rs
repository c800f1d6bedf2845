//! A request as the pipeline's proposal: prepare, ask, compare with what is expected, show and approve.
use super::approval::Approver;
use super::{ApplyArgs, Expected, IntoPlan as _, Prepared, Request, set_access, versions};
use crate::commands::Format;
use crate::ui::views::sweep::Swept;
use crate::ui::{CommandContext, Error};
use crate::workspace::{Store, announce_interrupted_run};
use jiff::Timestamp;
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{Approval, Paced, Proposal};
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Access, Plan};
use pinpoint_streams_model::sweep::{SweepAction, SweptAccount};
use pinpoint_streams_planner::{Inquiry, Planned};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::journal::Reading;
use std::collections::BTreeSet;

pub(super) struct Proposed<'a, R> {
    request: &'a R,
    expected: Expected,
    approver: Approver,
    args: &'a ApplyArgs,
    store: &'a Store,
    run: &'a RunId,
    context: &'a CommandContext<'a>,
    accounts: Vec<SweptAccount>,
    access: Access,
    /// The ARNs of the callers.
    callers: BTreeSet<String>,
    /// The plan that was approved.
    approved: Option<Plan>,
    /// The findings of a sweep, and when AWS was read.
    swept: Option<(Swept, Timestamp)>,
}

impl<'a, R: Request> Proposed<'a, R> {
    pub(super) fn new(
        request: &'a R,
        expected: Expected,
        approver: Approver,
        args: &'a ApplyArgs,
        store: &'a Store,
        run: &'a RunId,
        context: &'a CommandContext<'a>,
    ) -> Proposed<'a, R> {
        Proposed {
            request,
            expected,
            approver,
            args,
            store,
            run,
            context,
            accounts: Vec::new(),
            access: Access::default(),
            callers: BTreeSet::new(),
            approved: None,
            swept: None,
        }
    }

    /// For a document that shows it with the outcome.
    pub(super) fn approved_plan(&self) -> Option<&Plan> {
        self.approved.as_ref()
    }
}

impl<R: Request> Proposal for Proposed<'_, R> {
    type Inquiry = R::Inquiry;
    type Cloud = Paced<Aws>;
    type Error = Error;

    async fn admit(&self) -> Result<(), Error> {
        versions::check(self.store, self.request.mode(), self.context).await
    }

    async fn prepare(&mut self, start: &Loaded) -> Result<(R::Inquiry, Paced<Aws>), Error> {
        announce_interrupted_run(start, self.context);
        let Prepared { inquiry, cloud, access, accounts } =
            self.request.prepare(start, Some(self.run), &self.expected, self.context).await?;
        self.accounts = accounts;
        self.access = access;
        self.callers = cloud.cloud().caller_arns().map(str::to_owned).collect();
        Ok((inquiry, cloud))
    }

    async fn ask(&self, inquiry: &R::Inquiry, cloud: &impl ReadCloud) -> <R::Inquiry as Inquiry>::Output {
        self.context.ask_in(&self.accounts, inquiry, cloud).await
    }

    fn check(&mut self, concluded: <R::Inquiry as Inquiry>::Output) -> Result<Planned, Error> {
        let (findings, planned) = concluded.into_parts();
        let mut planned = planned.map_err(Error::Problems)?;
        let access = std::mem::take(&mut self.access);
        set_access(&mut planned.plan, self.expected.access().cloned().unwrap_or(access));
        self.expected.check_basis(&planned.plan)?;
        self.expected.check_plan(&planned.plan)?;
        self.swept = findings.map(|findings| {
            let accounts = std::mem::take(&mut self.accounts);
            let sweep = planned.plan.options.sweep.as_ref();
            let action = sweep.map_or(SweepAction::Quarantine, |sweep| sweep.action);
            let bundles = sweep.map_or_else(Vec::new, |sweep| sweep.bundles.clone());
            (Swept { accounts, findings, action, bundles, plan: Ok(planned.plan.clone()) }, SystemClock.now())
        });
        Ok(planned)
    }

    async fn approve(&mut self, plan: &Plan) -> Result<Approval, Error> {
        let swept = self.swept.as_ref().map(|(swept, _)| swept);
        let format = self.expected.format();
        self.approver.approve(plan, swept, format, self.args, self.context).await?;
        self.approved = (format == Format::Json).then(|| plan.clone());
        let by = Some(self.approver.description(&self.callers, self.context));
        let Some((Swept { accounts, findings, action: _, bundles: _, plan: _ }, at)) = self.swept.take() else {
            return Ok(Approval { by, ..Approval::default() });
        };
        let reading = Some(Reading { at, accounts, unread: findings.unread });
        Ok(Approval { by, findings: findings.roles, reading })
    }
}
