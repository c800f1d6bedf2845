//! An operation is one API call or one write to the record. `Op<Planned>` may contain values that an earlier step
//! will produce. `Op::resolve` is the only way to get an `Op<Resolved>`, which is what the cloud port accepts.
//!
//! Operations are grouped by the resource they act on.
mod app;
mod phase;
mod role;

pub use app::{AppOp, CreateApp, DeleteApp, DeleteEventStream, EventStreamOp, PutEventStream};
pub use phase::{Field, Output, Outputs, Owner, Phase, Planned, Resolved, Slot, Unresolved, with_ownership};
pub use role::{CreateRole, RoleOp};

use crate::live::question::{ApiOperation, Service};
use crate::{AccountId, Address, AppArn, Region, Resource, RoleArn};
use serde::de::{EnumAccess, Visitor, value::EnumAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use std::marker::PhantomData;

/// One API call, or one write to the record. The JSON is flat: `{"put_role_policy": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(bound = "", untagged)]
pub enum Op<P: Phase> {
    App(AppOp<P>),
    Role(RoleOp<P>),
    EventStream(EventStreamOp<P>),
    Record(RecordOp),
}

/// A write to the record. AWS is not called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum RecordOp {
    #[serde(rename = "write_record")]
    Write { resource: Box<Resource> },
    /// Moves the record at `from` to the step's address.
    #[serde(rename = "move_record")]
    Move { from: Address },
    #[serde(rename = "forget_record")]
    Forget {},
    #[serde(rename = "set_protect")]
    SetProtect { protect: bool },
}

/// Static properties of an API call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The name in the JSON, `put_role_policy`.
    pub name: &'static str,
    /// The API name in CloudTrail and IAM policies, `PutRolePolicy`. Source: the API references of IAM and Pinpoint.
    pub api: &'static str,
    /// Whether it removes something, so that "not found" counts as success.
    pub removes: bool,
}

impl Call {
    const fn write(name: &'static str, api: &'static str) -> Call {
        Call { name, api, removes: false }
    }

    const fn removal(name: &'static str, api: &'static str) -> Call {
        Call { name, api, removes: true }
    }
}

impl<P: Phase> Op<P> {
    /// None for a write to the record.
    pub fn call(&self) -> Option<Call> {
        match self {
            Op::App(op) => Some(op.call()),
            Op::Role(op) => Some(op.call()),
            Op::EventStream(op) => Some(op.call()),
            Op::Record(_) => None,
        }
    }

    /// The name in the JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Op::App(op) => op.call().name,
            Op::Role(op) => op.call().name,
            Op::EventStream(op) => op.call().name,
            Op::Record(op) => op.name(),
        }
    }

    pub fn is_record_only(&self) -> bool {
        matches!(self, Op::Record(_))
    }

    /// The role that is changed, if any.
    pub fn role(&self) -> Option<&RoleArn> {
        match self {
            Op::Role(op) => Some(op.role()),
            Op::App(_) | Op::EventStream(_) | Op::Record(_) => None,
        }
    }

    /// The account that is called; none for a write to the record.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Op::App(op) => Some(op.account()),
            Op::Role(op) => Some(&op.role().account),
            Op::EventStream(op) => Some(op.account()),
            Op::Record(_) => None,
        }
    }

    /// The operation of AWS that is called, and in which region if the service has regions; none for a write to the record.
    pub fn operation(&self) -> Option<(ApiOperation, Option<&Region>)> {
        match self {
            Op::App(op) => Some((ApiOperation::new(Service::Pinpoint, op.call().api), Some(op.region()))),
            Op::EventStream(op) => Some((ApiOperation::new(Service::Pinpoint, op.call().api), Some(op.region()))),
            Op::Role(op) => Some((ApiOperation::new(Service::Iam, op.call().api), None)),
            Op::Record(_) => None,
        }
    }
}

impl Op<Resolved> {
    /// The app that is changed, itself or its event stream; none before the app exists.
    pub fn app(&self) -> Option<AppArn> {
        match self {
            Op::App(op) => op.app(),
            Op::EventStream(op) => Some(op.app()),
            Op::Role(_) | Op::Record(_) => None,
        }
    }
}

impl RecordOp {
    pub fn write(resource: Resource) -> RecordOp {
        RecordOp::Write { resource: Box::new(resource) }
    }

    fn name(&self) -> &'static str {
        match self {
            RecordOp::Write { .. } => "write_record",
            RecordOp::Move { .. } => "move_record",
            RecordOp::Forget {} => "forget_record",
            RecordOp::SetProtect { .. } => "set_protect",
        }
    }
}

/// Whether the operation of this name calls AWS. The others only change the record.
pub fn is_call(name: &str) -> bool {
    !["write_record", "move_record", "forget_record", "set_protect"].contains(&name)
}

macro_rules! from_group {
    ($($group:ident($op:ty)),*) => {$(
        impl<P: Phase> From<$op> for Op<P> {
            fn from(op: $op) -> Op<P> {
                Op::$group(op)
            }
        }
    )*};
}
from_group!(App(AppOp<P>), Role(RoleOp<P>), EventStream(EventStreamOp<P>), Record(RecordOp));

/// Every name in the JSON, group by group.
const NAMES: [&str; 24] = [
    "create_app",
    "tag_app",
    "untag_app",
    "delete_app",
    "put_event_stream",
    "delete_event_stream",
    "write_record",
    "move_record",
    "forget_record",
    "set_protect",
    "create_role",
    "update_trust_policy",
    "put_role_policy",
    "delete_role_policy",
    "update_role",
    "put_permissions_boundary",
    "delete_permissions_boundary",
    "tag_role",
    "untag_role",
    "attach_role_policy",
    "detach_role_policy",
    "add_role_to_instance_profile",
    "remove_role_from_instance_profile",
    "delete_role",
];

/// Written by hand because an untagged enum loses the error: the name decides which group reads the value.
impl<'de, P: Phase> Deserialize<'de> for Op<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Op<P>, D::Error> {
        struct ByName<P>(PhantomData<P>);

        impl<'de, P: Phase> Visitor<'de> for ByName<P> {
            type Value = Op<P>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Op<P>, A::Error> {
                let (name, content) = access.variant::<String>()?;
                let Some(position) = NAMES.iter().position(|known| *known == name) else {
                    return Err(de::Error::unknown_variant(&name, &NAMES));
                };
                let named = EnumAccessDeserializer::new(Named { name, content });
                match position {
                    0..4 => AppOp::deserialize(named).map(Op::App),
                    4..6 => EventStreamOp::deserialize(named).map(Op::EventStream),
                    6..10 => RecordOp::deserialize(named).map(Op::Record),
                    _ => RoleOp::deserialize(named).map(Op::Role),
                }
            }
        }

        deserializer.deserialize_enum("Op", &NAMES, ByName(PhantomData))
    }
}

/// A variant whose name has already been read.
struct Named<V> {
    name: String,
    content: V,
}

impl<'de, V: de::VariantAccess<'de>> EnumAccess<'de> for Named<V> {
    type Error = V::Error;
    type Variant = V;

    fn variant_seed<S: de::DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, V), V::Error> {
        let name = de::IntoDeserializer::<V::Error>::into_deserializer(self.name);
        Ok((seed.deserialize(name)?, self.content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        serde_json::from_str::<Op<Resolved>>(json).unwrap_err().to_string()
    }

    #[test]
    fn an_error_names_the_field_and_the_place_in_every_group() {
        for (json, field) in [
            (r#"{"untag_app": {"account": "123456789012", "regoin": "eu-west-1"}}"#, "regoin"),
            (r#"{"put_role_policy": {"role": "arn:aws:iam::123456789012:role/shop", "polcy": 1}}"#, "polcy"),
            (r#"{"delete_event_stream": {"app": "a"}}"#, "app"),
            (r#"{"set_protect": {"protected": true}}"#, "protected"),
        ] {
            let error = error(json);
            assert!(error.starts_with(&format!("unknown field `{field}`")), "{error}");
            assert!(error.contains("line 1 column "), "{error}");
        }
        let role = r#"{"delete_role": {"role": "arn:aws:iam::123456789012:role/shop"}}"#;
        assert!(error(role).starts_with("missing field `role_id`"), "{}", error(role));
        let unknown = error(r#"{"tag_bucket": {}}"#);
        assert!(unknown.starts_with("unknown variant `tag_bucket`, expected one of `create_app`"), "{unknown}");
        let two = error(r#"{"forget_record": {}, "set_protect": {"protect": true}}"#);
        assert!(two.contains("line 1 column "), "{two}");
    }
}
