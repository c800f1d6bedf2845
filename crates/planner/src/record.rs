//! `state mv` and `state rm`. Nothing in AWS changes, not even tags; the next plan shows any disagreement.
use pinpoint_streams_model::{Address, Kind, Recorded, Resource};

/// Why the record cannot be edited so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditError {
    /// What is wrong: a lowercase fragment.
    pub message: String,
    pub hint: String,
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EditError {}

/// A record without a resource that it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    pub recorded: Recorded,
    /// What is no longer in it. It stays in AWS as it is, with the tags that say whose it was.
    pub resource: Resource,
    /// Event streams still recorded on the role that was removed.
    pub named_by: Vec<Address>,
}

/// The record with a resource under another address. The key that it was named after stays, so that a move
/// replaces nothing.
pub fn move_address(recorded: &Recorded, from: &Address, to: &Address) -> Result<Recorded, EditError> {
    look_up(recorded, from)?;
    let wrong = |message: String, hint: &str| Err(EditError { message, hint: hint.to_owned() });
    if from == to {
        return wrong(format!("{from} has this address already"), "give the address that it should have");
    }
    if matches!(to, Address::Undeclared(..)) {
        return wrong(format!("{to} is not an address that a manifest can declare"), "give one like role.KEY");
    }
    if from.kind() != to.kind() {
        let message = format!("{from} is {}, and {to} would be {}", a(from.kind()), a(to.kind()));
        return wrong(message, "move it to an address of its own kind");
    }
    if recorded.resources.contains_key(to) {
        return wrong(format!("{to} is recorded already"), "remove or move that one first");
    }
    refuse_pending(recorded, to)?;
    let mut recorded = recorded.clone();
    if let Some(resource) = recorded.resources.remove(from) {
        recorded.resources.insert(to.clone(), resource);
    }
    Ok(recorded)
}

pub fn remove_address(recorded: &Recorded, address: &Address) -> Result<Removed, EditError> {
    let resource = look_up(recorded, address)?.clone();
    let mut recorded = recorded.clone();
    recorded.resources.remove(address);
    let streams = resource.object.as_role().map(|role| recorded.resources.event_streams_on(&role.arn));
    let named_by = streams.into_iter().flatten().map(|(address, _)| address.clone()).collect();
    Ok(Removed { recorded, resource, named_by })
}

fn look_up<'r>(recorded: &'r Recorded, address: &Address) -> Result<&'r Resource, EditError> {
    let Some(resource) = recorded.resources.get(address) else {
        let alike =
            recorded.resources.keys().filter(|known| known.key() == address.key() && known.key().is_some());
        let alike: Vec<String> = alike.map(ToString::to_string).collect();
        let hint = match alike.as_slice() {
            [] => "`pinpoint-streams state list` shows what is recorded".to_owned(),
            alike => format!("recorded under this key: {}", alike.join(", ")),
        };
        return Err(EditError { message: format!("{address} is not recorded"), hint });
    };
    refuse_pending(recorded, address)?;
    Ok(resource)
}

/// A pending operation refers to the address; its outcome could no longer be recorded.
fn refuse_pending(recorded: &Recorded, address: &Address) -> Result<(), EditError> {
    match recorded.pending.iter().find(|pending| pending.address == *address) {
        None => Ok(()),
        Some(pending) => Err(EditError {
            message: format!("{} of {address} was started, and its outcome is unknown", pending.op.name()),
            hint: "run `pinpoint-streams apply`, which checks the outcome, then edit the state".to_owned(),
        }),
    }
}

fn a(kind: Kind) -> &'static str {
    match kind {
        Kind::App => "an app",
        Kind::Role => "a role",
        Kind::EventStream => "an event stream",
    }
}
