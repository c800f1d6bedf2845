//! Whether an app that the state does not know is one that is wanted: by its tags, or by its name where
//! adoption was asked. Names are not unique in Pinpoint, so a name alone makes nothing ours.
use super::owned::OwnedApp;
use crate::context::Context;
use crate::draft::Draft;
use crate::lineage::lost_lineage;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::LiveApp;
use pinpoint_streams_model::ownership::{self, Ownership, Tags};
use pinpoint_streams_model::plan::Reason;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;

impl OwnedApp<'_> {
    /// Apps of the region that this may be: of its name, or bearing its address. What is recorded under
    /// another key is that.
    pub(super) fn candidates<'l>(
        &self,
        context: &Context<'_>,
        all: Option<&'l BTreeMap<AppId, LiveApp>>,
    ) -> Result<Vec<(&'l LiveApp, Option<Ownership>)>, Problem> {
        let address = self.address.to_string();
        let is_recorded = |live: &LiveApp| {
            let (region, account) = (self.app.region.clone(), self.app.account.clone());
            context.recorded.resources.app(&AppArn { region, account, id: live.id.clone() }).is_some()
        };
        let mut candidates = Vec::new();
        for live in all.into_iter().flat_map(BTreeMap::values) {
            let is_named_so = live.name == self.name;
            if live.tags.is_none() && !is_named_so {
                continue;
            }
            let owner = ownership::read(&self.tags_of(context, live)?);
            let bears_the_address = owner.as_ref().is_some_and(|owner| {
                owner.address.as_ref() == Some(&address)
                    && owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
            });
            if (is_named_so || bears_the_address) && !is_recorded(live) {
                candidates.push((live, owner));
            }
        }
        Ok(candidates)
    }

    pub(super) fn tags_of(&self, context: &Context<'_>, live: &LiveApp) -> Result<Tags, Problem> {
        context.tags_of(self.address, &self.app.place(), live)
    }

    /// Which existing app this is, if it is one.
    pub(super) fn choose<'l>(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        candidates: &[(&'l LiveApp, Option<Ownership>)],
    ) -> Result<Option<(&'l LiveApp, Reason)>, Problem> {
        let workspace = Some(context.desired.workspace.as_str());
        let address = self.address.to_string();
        let of_workspace = |owner: &Option<Ownership>| {
            owner.as_ref().filter(|owner| owner.workspace.as_deref() == workspace).cloned()
        };
        for (live, owner) in candidates {
            let Some(owner) = of_workspace(owner) else { continue };
            if owner.address.as_deref() != Some(&address) {
                continue;
            }
            if context.lineage().is_some_and(|lineage| owner.lineage.as_deref() == Some(lineage.as_str())) {
                return Ok(Some((live, Reason::LostRecord)));
            }
            let lineage = owner.lineage.unwrap_or_else(|| "unknown".to_owned());
            let hint = lost_lineage(context, &lineage, "app");
            return Err(self.problem(
                ProblemCode::StateLost,
                format!("app {} bears the tags of this workspace under another lineage, {lineage}", live.id),
                &hint,
            ));
        }
        let unowned: Vec<&LiveApp> =
            candidates.iter().filter(|(_, owner)| owner.is_none()).map(|(live, _)| *live).collect();
        let adopt = self.app.adopt || context.options.adopt;
        match (adopt, unowned.as_slice()) {
            (true, [live]) => Ok(Some((live, Reason::AdoptionAsked))),
            (true, [_, _, ..]) => {
                let ids: Vec<&str> = unowned.iter().map(|live| live.id.as_str()).collect();
                Err(self.problem(
                    ProblemCode::Ambiguous,
                    format!("{} apps are named `{}`: {}", ids.len(), self.name, ids.join(", ")),
                    "give the id of the one that is meant in place of the name",
                ))
            }
            (false, [live, ..]) => {
                draft.warn(self.address, Fact::SameName { app: live.id.clone(), name: self.name.to_owned() });
                Ok(None)
            }
            (_, []) => Ok(None),
        }
    }
}
