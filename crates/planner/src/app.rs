//! Apps that this workspace creates and owns. They hold data and push credentials, so nothing here
//! deletes one without a word of its own, and one that is gone is never silently made anew.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `owned` | what happens to a desired app, and which existing app it may be |
//! | `unwanted` | what happens to a recorded app that is no longer desired |
mod owned;
mod unwanted;

pub(crate) use unwanted::delete_steps;

use crate::context::Context;
use crate::draft::{Draft, Handle};
use owned::OwnedApp;
use pinpoint_streams_model::{Address, AppId, AppIdentity, AppKey, Mode, Object, Resource, Slot};
use std::collections::BTreeMap;
use unwanted::unwanted;

/// What other decisions need to know of the apps.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    /// The id of each desired app, or the step that will know it. An app with a problem has none.
    pub(crate) ids: BTreeMap<AppKey, Slot<AppId>>,
    /// Apps that are to be deleted once nothing depends on them.
    pub(crate) to_delete: Vec<(Address, Resource)>,
    created_by: BTreeMap<AppKey, Handle>,
}

impl Apps {
    pub(crate) fn created_by(&self, key: &AppKey) -> Option<Handle> {
        self.created_by.get(key).copied()
    }

    pub(crate) fn known_id(&self, key: &AppKey) -> Option<&AppId> {
        match self.ids.get(key) {
            Some(Slot::Known(id)) => Some(id),
            Some(Slot::After { .. }) | None => None,
        }
    }
}

pub(crate) fn decide(context: &Context<'_>, draft: &mut Draft) -> Apps {
    let mut apps = Apps::default();
    for (key, app) in &context.desired.apps {
        let address = Address::App(key.clone());
        match &app.identity {
            AppIdentity::Existing(id) => {
                apps.ids.insert(key.clone(), Slot::Known(id.clone()));
            }
            AppIdentity::Owned { name, tags } if context.mode == Mode::Converge => {
                let owned = OwnedApp { key, address: &address, app, name, tags };
                let covered = context.selection.covers(&address);
                let decided = owned.decide(context, draft, &mut apps, covered);
                draft.problems.extend(decided.err());
            }
            AppIdentity::Owned { .. } => {}
        }
    }
    for (address, resource) in &context.recorded.resources {
        let (Address::App(key), Object::App(record)) = (address, &resource.object) else { continue };
        let wanted = context.wanted_app(key);
        if wanted.is_some_and(|app| matches!(app.identity, AppIdentity::Owned { .. })) {
            continue;
        }
        if context.selection.covers(address) {
            let decided = unwanted(context, draft, &mut apps, address, resource, record, wanted);
            draft.problems.extend(decided.err());
        }
    }
    apps
}
