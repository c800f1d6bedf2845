//! What a quarantine consists of: an inline policy that denies everything, and tags that say when, by which
//! run, and which role. All of it is still there, or the role is no longer as it was quarantined.
use jiff::Timestamp;
use pinpoint_streams_model::policy::{Actions, Effect, Name, Resources, Statement, same_meaning};
use pinpoint_streams_model::sorted_set::SortedSet;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
use pinpoint_streams_model::{Document, Fact, LastUsed, LiveRole, PolicyName, SweepOptions, Tags};
use std::collections::BTreeSet;

pub(super) const TAGS: [&str; 3] = [QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID];

/// What a role has of a quarantine.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuarantineState<'a> {
    role: &'a LiveRole,
    /// The inline policy of the quarantine's name.
    pub(super) policy: Option<(&'a PolicyName, &'a Document)>,
    /// Since when.
    pub(super) at: Option<Timestamp>,
    /// Whether the role has inline policies that could not be read.
    has_unread: bool,
}

impl<'a> QuarantineState<'a> {
    pub(super) fn of(role: &'a LiveRole, has_unread: bool) -> QuarantineState<'a> {
        let policy = role.inline_policies.iter().find(|(name, _)| is_quarantine(name));
        let at = role.tags.get(QUARANTINED_AT).and_then(|text| text.parse().ok());
        QuarantineState { role, policy, at, has_unread }
    }

    /// The keys of the quarantine's tags that the role has.
    pub(super) fn tag_keys(&self) -> BTreeSet<String> {
        TAGS.iter().filter(|key| self.role.tags.contains_key(**key)).map(|key| (*key).to_owned()).collect()
    }

    pub(super) fn are_any(&self) -> bool {
        self.policy.is_some() || !self.tag_keys().is_empty()
    }

    /// Whether it is quarantined: it is denied everything; or nothing is left on it that could be denied, as where
    /// a delete has begun and was cut short.
    pub(super) fn is_quarantined(&self) -> bool {
        let has_inline = self.has_unread || !self.role.inline_policies.is_empty();
        let grants_nothing = !has_inline && self.role.attached_policies.is_empty();
        self.policy.is_some() || (self.are_any() && grants_nothing)
    }

    /// Whether only tags are left of a quarantine: its policy was removed, by the first step of a release or outside
    /// pinpoint-streams.
    pub(super) fn are_tags_alone(&self) -> bool {
        self.are_any() && !self.is_quarantined()
    }

    /// Whether its policy no longer denies everything.
    pub(super) fn is_changed(&self) -> bool {
        self.policy.is_some_and(|(_, document)| !same_meaning(document, &denial()))
    }

    /// What is not, or no longer, as a quarantine leaves it.
    pub(super) fn missing(&self) -> Vec<Fact> {
        let mut missing = Vec::new();
        match self.policy {
            None if self.is_quarantined() => {}
            None => missing.push(Fact::QuarantineRemoved {}),
            Some(_) if self.is_changed() => missing.push(Fact::QuarantineChanged {}),
            Some(_) => {}
        }
        let tag_missing = |key: &str| Fact::QuarantineTagMissing { key: key.to_owned() };
        if self.at.is_none() {
            missing.push(tag_missing(QUARANTINED_AT));
        }
        if !self.role.tags.contains_key(QUARANTINED_BY) {
            missing.push(tag_missing(QUARANTINED_BY));
        }
        match self.role.tags.get(QUARANTINED_ID) {
            None => missing.push(tag_missing(QUARANTINED_ID)),
            Some(id) if id != self.role.id.as_str() => {
                missing.push(Fact::OtherRoleQuarantined { id: id.clone() });
            }
            Some(_) => {}
        }
        missing
    }

    /// When it was used after it had been quarantined, if it was.
    pub(super) fn tripped(&self, since: Option<Timestamp>) -> Option<Timestamp> {
        match (since, &self.role.last_used) {
            (Some(since), LastUsed::At(used, _)) if *used >= since => Some(*used),
            _ => None,
        }
    }
}

pub(super) fn is_quarantine(name: &PolicyName) -> bool {
    name.as_str() == QUARANTINE_POLICY
}

/// The policy of a quarantine: nothing may be done with anything.
pub(super) fn denial() -> Document {
    Document::new(vec![Statement {
        sid: None,
        effect: Effect::Deny,
        principal: None,
        action: Actions::Action(SortedSet::from([Name::from("*")])),
        resource: Some(Resources::Resource(SortedSet::from(["*".to_owned()]))),
        condition: SortedSet::default(),
    }])
}

pub(super) fn tags(options: &SweepOptions, role: &LiveRole) -> Tags {
    Tags::from([
        (QUARANTINED_AT.to_owned(), options.now.to_string()),
        (QUARANTINED_BY.to_owned(), options.run.clone()),
        (QUARANTINED_ID.to_owned(), role.id.to_string()),
    ])
}
