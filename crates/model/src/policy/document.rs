//! What a policy document is. Its types already forget what means nothing: order and repetition of
//! actions, resources, principals and condition values, letter case where IAM ignores it, and the
//! synonyms of one principal or operator. What is left of a document's spelling is `Sid`, `Id`, the
//! order of statements and the letters of names; `meaning` puts those aside too.
use super::name::Name;
use super::operator::Operator;
use super::principal::Principal;
use std::collections::BTreeSet;

/// A policy document. `V` is the type of its condition values: `String` in what is read, [`super::Text`]
/// (known now, or only after a step) in what is planned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document<V = String> {
    pub version: Version,
    /// `Id`, which means nothing.
    pub id: Option<String>,
    pub statements: Vec<Statement<V>>,
}

/// The version of the policy language. A document without one is in the older language.
/// Source: IAM user guide, "JSON policy elements: Version".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`, without policy variables: `${` is text.
    V2008,
    V2012,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement<V = String> {
    /// `Sid`, which means nothing.
    pub sid: Option<String>,
    pub effect: Effect,
    /// Who; missing in the policies of a role or user.
    pub principal: Option<PrincipalClause>,
    pub action: Actions,
    /// On which resources; missing in trust policies.
    pub resource: Option<Resources>,
    /// All of these must hold.
    pub condition: BTreeSet<Clause<V>>,
}

/// What a statement does with the requests it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    /// Refuse them, whatever else allows them.
    Deny,
}

/// The principals that a statement is about. Never an empty set in what is read: that is a missing clause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalClause {
    Principal(BTreeSet<Principal>),
    NotPrincipal(BTreeSet<Principal>),
}

/// The actions that a statement is about, with `*` and `?` as wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actions {
    Action(BTreeSet<Name>),
    NotAction(BTreeSet<Name>),
}

/// The resources that a statement is about, with `*` and `?` as wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resources {
    Resource(BTreeSet<String>),
    NotResource(BTreeSet<String>),
}

/// One test of a condition block: the key passes the operator with one of the values. One operator and
/// key spelled two ways (`ArnLike` and `arnequals`, say) make two clauses, and both must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clause<V = String> {
    /// How the key is tested.
    pub operator: Operator,
    /// What is tested, `aws:SourceArn`.
    pub key: Name,
    /// Against what. An empty list matches nothing.
    pub values: BTreeSet<V>,
}

impl Resources {
    /// The patterns, whichever way they are meant.
    pub(super) fn set_mut(&mut self) -> &mut BTreeSet<String> {
        match self {
            Resources::Resource(set) | Resources::NotResource(set) => set,
        }
    }
}

impl<V> Document<V> {
    /// A document of the current language without an id.
    pub fn new(statements: Vec<Statement<V>>) -> Self {
        Document { version: Version::V2012, id: None, statements }
    }

    /// The same document with other condition values; the first error ends it.
    pub fn map_values<W: Ord, E>(self, mut f: impl FnMut(V) -> Result<W, E>) -> Result<Document<W>, E> {
        let Document { version, id, statements } = self;
        let statements = statements.into_iter().map(|s| s.map_values(&mut f)).collect::<Result<_, E>>()?;
        Ok(Document { version, id, statements })
    }
}

impl<V> Statement<V> {
    fn map_values<W: Ord, E>(self, f: &mut impl FnMut(V) -> Result<W, E>) -> Result<Statement<W>, E> {
        let Statement { sid, effect, principal, action, resource, condition } = self;
        let condition = condition
            .into_iter()
            .map(|Clause { operator, key, values }| {
                let values = values.into_iter().map(&mut *f).collect::<Result<_, E>>()?;
                Ok(Clause { operator, key, values })
            })
            .collect::<Result<_, E>>()?;
        Ok(Statement { sid, effect, principal, action, resource, condition })
    }
}
