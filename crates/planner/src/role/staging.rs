//! Expand, move, contract: nothing is taken off a role while an event stream still needs what goes.
use super::wanted::{WantedRole, allows};
use crate::context::Context;
use crate::differences::{evaluable, known};
use crate::draft::{Draft, Handle};
use crate::usage::{PossibleApps, Usage, Use};
use pinpoint_streams_model::policy::{direction, union};
use pinpoint_streams_model::{
    Address, AppArn, Document, Fact, LiveEventStream, LiveRole, PolicyName, Problem, ProblemCode, Read, Recorded,
    RoleArn, RoleOp, StreamArn, Text,
};
use std::convert::Infallible;

/// A step that must come after the event streams have moved.
#[derive(Debug)]
pub(crate) struct Late {
    address: Address,
    role: RoleArn,
    what: Contraction,
    after: Vec<Handle>,
}

#[derive(Debug)]
enum Contraction {
    Trust(Document<Text>),
    Permissions(PolicyName, Document),
    Remove(PolicyName),
}

/// How a policy gets from old to new.
#[derive(Debug, PartialEq, Eq)]
enum Staging<D> {
    /// Nothing needs what goes.
    AtOnce,
    /// Only less is granted, and something still needs it.
    Afterwards,
    /// First what both grant, then the new one.
    Through(D),
}

fn stage(old: &Document<Text>, new: &Document<Text>, someone_needs_what_goes: bool) -> Staging<Document<Text>> {
    if !someone_needs_what_goes {
        Staging::AtOnce
    } else if direction(old, new).may_widen() {
        Staging::Through(union(old, new))
    } else {
        Staging::Afterwards
    }
}

/// One role's change of policies.
pub(crate) struct Change<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) address: &'a Address,
    pub(crate) wanted: &'a WantedRole<'a>,
    pub(crate) usage: &'a Usage<'a>,
    pub(crate) after: &'a [Handle],
}

impl Change<'_> {
    /// Changes the trust policy; adds the steps before the event streams move to `ready`, those after to `late`.
    pub(crate) fn trust(
        &self,
        draft: &mut Draft,
        live: &LiveRole,
        ready: &mut Vec<Handle>,
        late: &mut Vec<Late>,
    ) -> Result<(), Problem> {
        let kind = self.wanted.desired.kind;
        let old = &live.trust_policy;
        let new = evaluable(&self.wanted.trust_policy);
        let admits = |document: &Document, place: &AppArn| {
            allows(&kind.admits(document, &place.to_string(), self.wanted.arn.account.as_str()))
        };
        self.check_losing_apps(draft, live, |place| admits(old, place) && !admits(&new, place))?;
        let mut needed = false;
        for (place, usage) in self.usage.now_on(&self.wanted.arn) {
            if !admits(old, place) || admits(&new, place) {
                continue;
            }
            needed = true;
            self.must_leave(usage, |_| false, &place.to_string())?;
        }
        let update = |trust_policy| RoleOp::UpdateTrustPolicy { role: self.wanted.arn.clone(), trust_policy };
        match stage(&known(old), &self.wanted.trust_policy, needed) {
            Staging::AtOnce => {
                let op = update(self.wanted.trust_policy.clone());
                ready.push(draft.step(self.address, self.after.iter().copied(), op));
            }
            Staging::Afterwards => late.push(self.late(Contraction::Trust(self.wanted.trust_policy.clone()))),
            Staging::Through(both) => {
                let mut after = self.after.to_vec();
                let middle = if self.fits(&both) {
                    both
                } else {
                    // Too large to grant both: what only goes, goes first; what moves keeps its grant.
                    after.extend(self.deleting_steps());
                    let moving = self.usage.now_on(&self.wanted.arn).filter(|(_, usage)| usage.after.is_some());
                    let arns = moving.map(|(place, _)| Text::Known(place.to_string()));
                    union(&kind.trust_policy(&self.wanted.arn.account, arns), &self.wanted.trust_policy)
                };
                if !self.fits(&middle) {
                    return Err(self.too_large());
                }
                let step = draft.step(self.address, after, update(middle));
                ready.push(step);
                late.push(self.late(Contraction::Trust(self.wanted.trust_policy.clone())).after(step));
            }
        }
        Ok(())
    }

    /// An app that is admitted no longer must have been asked whether it uses the role. Where a region's apps
    /// cannot be listed that is a warning: otherwise a trust policy that is open to all regions could not be closed.
    fn check_losing_apps(
        &self,
        draft: &mut Draft,
        live: &LiveRole,
        loses: impl Fn(&AppArn) -> bool,
    ) -> Result<(), Problem> {
        let possible = PossibleApps::of(self.context.live, &Recorded::default(), live);
        for app in possible.apps.iter().filter(|app| loses(app)) {
            self.context.event_stream(self.address, app)?;
        }
        for place in &possible.regions {
            if let Some(Read::Unreadable(why)) = self.context.live.apps.get(place) {
                draft
                    .warn(self.address, Fact::MayStopStreaming { region: place.region.clone(), why: why.clone() });
            }
        }
        Ok(())
    }

    pub(crate) fn permissions(
        &self,
        draft: &mut Draft,
        old: Option<&Document>,
        ready: &mut Vec<Handle>,
        late: &mut Vec<Late>,
    ) -> Result<(), Problem> {
        let new = &self.wanted.permissions;
        let name = self.wanted.policy_name;
        let needed = match old {
            Some(old) => self.someone_loses(old, Some(new))?,
            None => false,
        };
        let put = |document: Document| RoleOp::PutPolicy {
            role: self.wanted.arn.clone(),
            policy_name: name.clone(),
            document,
        };
        match stage(&known(old.unwrap_or(new)), &known(new), needed) {
            Staging::AtOnce => {
                ready.push(draft.step(self.address, self.after.iter().copied(), put(new.clone())));
            }
            Staging::Afterwards => late.push(self.late(Contraction::Permissions(name.clone(), new.clone()))),
            Staging::Through(both) => {
                let step = draft.step(self.address, self.after.iter().copied(), put(evaluable(&both)));
                ready.push(step);
                late.push(self.late(Contraction::Permissions(name.clone(), new.clone())).after(step));
            }
        }
        Ok(())
    }

    /// Deletes an inline policy of ours under an old name, once the new one exists.
    pub(crate) fn remove_policy(&self, name: &PolicyName, ready: &[Handle], late: &mut Vec<Late>) {
        let mut removal = self.late(Contraction::Remove(name.clone()));
        removal.after.extend_from_slice(ready);
        late.push(removal);
    }

    /// Whether an event stream on the role can write now and could not any more.
    fn someone_loses(&self, old: &Document, new: Option<&Document>) -> Result<bool, Problem> {
        let kind = self.wanted.desired.kind;
        let may_write = |document: Option<&Document>, stream: &StreamArn| {
            allows(&kind.may_write(document.into_iter(), stream))
        };
        let mut needed = false;
        for (_, usage) in self.usage.now_on(&self.wanted.arn) {
            let Some(stream) = usage.before.and_then(LiveEventStream::stream) else { continue };
            if !may_write(Some(old), &stream) || may_write(new, &stream) {
                continue;
            }
            needed = true;
            let still_fine = |usage: &Use<'_>| {
                usage.after.as_deref().and_then(LiveEventStream::stream).is_some_and(|next| may_write(new, &next))
            };
            self.must_leave(usage, still_fine, &stream.to_string())?;
        }
        Ok(needed)
    }

    /// An event stream that loses what it needs must move or go in this plan.
    fn must_leave(
        &self,
        usage: &Use<'_>,
        still_fine: impl Fn(&Use<'_>) -> bool,
        what: &str,
    ) -> Result<(), Problem> {
        let stays = usage.after.as_ref().is_some_and(|stream| stream.uses(&self.wanted.arn));
        if !stays || still_fine(usage) {
            return Ok(());
        }
        let who = usage.address.as_ref().map_or("an event stream that is not ours".to_owned(), Address::to_string);
        let message = format!("{who} still needs it for {what}, which the new policy would not allow");
        let hint = "declare that app on this role, or point its event stream elsewhere first";
        Err(Problem::new(ProblemCode::RoleInUse, message, hint).at(self.address))
    }

    /// The steps that delete event streams of this role.
    fn deleting_steps(&self) -> Vec<Handle> {
        let going = self.usage.now_on(&self.wanted.arn).filter(|(_, usage)| usage.after.is_none());
        going.flat_map(|(_, usage)| usage.steps.iter().copied()).collect()
    }

    fn late(&self, what: Contraction) -> Late {
        Late { address: self.address.clone(), role: self.wanted.arn.clone(), what, after: self.after.to_vec() }
    }

    fn quota(&self) -> Option<usize> {
        let quotas = self.context.live.quotas.get(&self.wanted.arn.account).and_then(Read::present)?;
        Some(quotas.trust_policy_size)
    }

    fn fits(&self, document: &Document<Text>) -> bool {
        self.quota().is_none_or(|quota| size(document) <= quota)
    }

    fn too_large(&self) -> Problem {
        Problem::new(
            ProblemCode::TrustPolicyTooLarge,
            format!(
                "while its event streams move, its trust policy would have to admit old and new apps together, \
                 over the quota of {} characters",
                self.quota().unwrap_or_default()
            ),
            "move its apps in two applies, or request a higher trust policy quota",
        )
        .at(self.address)
    }
}

impl Late {
    fn after(mut self, step: Handle) -> Late {
        self.after.push(step);
        self
    }
}

/// The size that a planned document will have: app ids are 32 characters long.
pub(crate) fn size(document: &Document<Text>) -> usize {
    let Ok(filled) = document.clone().map_values(|text| Ok::<_, Infallible>(text.fill(&"x".repeat(32))));
    filled.size()
}

/// Adds the steps that take grants away, after the event streams that needed them have moved or gone.
pub(crate) fn late_steps(draft: &mut Draft, late: Vec<Late>, usage: &Usage<'_>) {
    for Late { address, role, what, after } in late {
        let waits: Vec<Handle> = after.into_iter().chain(usage.leaving_steps(&role)).collect();
        let op = match what {
            Contraction::Trust(trust_policy) => RoleOp::UpdateTrustPolicy { role, trust_policy },
            Contraction::Permissions(policy_name, document) => RoleOp::PutPolicy { role, policy_name, document },
            Contraction::Remove(policy_name) => RoleOp::DeletePolicy { role, policy_name },
        };
        draft.step(&address, waits, op);
    }
}
