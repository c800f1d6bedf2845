//! The types of a policy document. They drop what has no meaning: order and repetition of actions, resources,
//! principals and condition values, case where IAM ignores it, and synonyms of a principal or operator. They keep
//! `Sid`, `Id`, the order of statements and the spelling of names; `meaning` ignores those too.
use super::name::Name;
use super::operator::Operator;
use super::principal::Principal;
use crate::sorted_set::SortedSet;
use std::sync::Arc;

/// `V` is the type of condition values: `String` in documents that are read, [`super::Text`] (known now, or after a
/// step) in planned documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document<V = String> {
    pub version: Version,
    /// Has no effect.
    pub id: Option<String>,
    /// Shared by all copies of a document.
    pub statements: Arc<Vec<Statement<V>>>,
}

/// The version of the policy language. The default is the older one.
/// Source: IAM user guide, "JSON policy elements: Version".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`. Has no policy variables: `${` is text.
    V2008,
    V2012,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement<V = String> {
    /// Has no effect.
    pub sid: Option<String>,
    pub effect: Effect,
    /// None in identity-based policies.
    pub principal: Option<PrincipalClause>,
    pub action: Actions,
    /// None in trust policies.
    pub resource: Option<Resources>,
    /// All clauses must match.
    pub condition: SortedSet<Clause<V>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    Deny,
}

/// Never empty in a document that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalClause {
    Principal(SortedSet<Principal>),
    NotPrincipal(SortedSet<Principal>),
}

/// With `*` and `?` as wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actions {
    Action(SortedSet<Name>),
    NotAction(SortedSet<Name>),
}

/// With `*` and `?` as wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resources {
    Resource(SortedSet<String>),
    NotResource(SortedSet<String>),
}

/// One test of a condition block: the key matches one of the values by the operator. The same operator and key
/// spelled two ways (`ArnLike` and `arnequals`) are two clauses, and both must match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clause<V = String> {
    pub operator: Operator,
    /// `aws:SourceArn`
    pub key: Name,
    /// An empty list matches nothing.
    pub values: SortedSet<V>,
}

impl Resources {
    pub(super) fn set_mut(&mut self) -> &mut SortedSet<String> {
        match self {
            Resources::Resource(set) | Resources::NotResource(set) => set,
        }
    }
}

impl<V> Document<V> {
    /// A document of the current version without `Id`.
    pub fn new(statements: Vec<Statement<V>>) -> Self {
        Document { version: Version::V2012, id: None, statements: Arc::new(statements) }
    }

    /// Replaces every condition value. Stops at the first error.
    pub fn map_values<W: Ord, E>(self, mut f: impl FnMut(V) -> Result<W, E>) -> Result<Document<W>, E>
    where
        V: Clone,
    {
        let Document { version, id, statements } = self;
        let statements = Arc::unwrap_or_clone(statements).into_iter();
        let statements = statements.map(|s| s.map_values(&mut f)).collect::<Result<_, E>>()?;
        Ok(Document { version, id, statements: Arc::new(statements) })
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
