//! A role that comes back: the same name and ARN, what it trusted, granted and bore, and another id.
use super::{Ready, archived, check_trust, mark_widening, not_restored};
use crate::context::{Context, is_made_here, unreadable_problem};
use crate::differences::{Differences, known};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::policy::{Principal, PrincipalClause, same_meaning};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, is_quarantine};
use pinpoint_streams_model::{
    AccountRole, Action, Address, Change, CreateRole, DesiredRole, Document, Evidence, Fact, ListedRole, LiveRole,
    Object, Origin, PolicyArn, PolicyName, Problem, ProblemCode, Read, Reason, RecordOp, Resource, RoleArn,
    RoleId, RoleOp, RoleRecord, Tags, ownership,
};
use std::collections::BTreeSet;

/// Whether AWS wrote it, so that it is there.
pub(super) fn is_aws_managed(policy: &PolicyArn) -> bool {
    policy.as_str().split(':').nth(4) == Some("aws")
}

/// Plans one role, or reports its problems.
pub(crate) fn restore(
    context: &Context<'_>,
    draft: &mut Draft,
    archived: &Archived,
    role: &LiveRole,
    ready: &mut Ready,
) {
    let declared = declared(context, &role.arn);
    let address = match &declared {
        Some((address, _)) => address.clone(),
        None => undeclared(&role.arn),
    };
    let restored = Restored { context, address, archived, role, declared: declared.map(|(_, desired)| desired) };
    match restored.check() {
        Ok((is_in_doubt, begun)) => restored.plan(draft, is_in_doubt, begun, ready),
        // What was not deleted needs no restore: of several archives, the others are restored all the same.
        Err(problems) => {
            for Problem { code, address, message, hint } in problems {
                match code {
                    ProblemCode::NotDeleted => {
                        let fact = Fact::Problem { code, message, hint };
                        draft.warn(address.as_ref().unwrap_or(&restored.address), fact);
                    }
                    _ => draft.problems.push(Problem { code, address, message, hint }),
                }
            }
        }
    }
}

/// One role that is to come back.
struct Restored<'a> {
    context: &'a Context<'a>,
    address: Address,
    archived: &'a Archived,
    role: &'a LiveRole,
    /// As the manifest declares it, if it does.
    declared: Option<&'a DesiredRole>,
}

/// The address of what is created and not recorded.
fn undeclared(arn: &RoleArn) -> Address {
    Address::Undeclared(arn.in_account())
}

/// The role of this ARN in the manifest. What is recorded under that address and is another is not touched.
fn declared<'a>(context: &'a Context<'a>, arn: &RoleArn) -> Option<(Address, &'a DesiredRole)> {
    let is_it = |desired: &DesiredRole, key| desired.arn_under(key).is_ok_and(|named| named == *arn);
    let (key, desired) = context.desired.roles.iter().find(|(key, desired)| is_it(desired, key))?;
    let address = Address::Role(key.clone());
    let is_free =
        context.resource(&address).is_none_or(|known| known.object.as_role().is_some_and(|role| role.arn == *arn));
    is_free.then_some((address, desired))
}

impl Restored<'_> {
    /// The problems; else whether the archive is in doubt and was accepted all the same, and the role that a
    /// restore of it has made already.
    fn check(&self) -> Result<(bool, Option<&LiveRole>), Vec<Problem>> {
        let mut problems = Vec::new();
        let is_in_doubt =
            check_trust(self.context, &self.address, self.archived).map_err(|why| problems.push(why));
        let begun = self.check_name().map_err(|why| problems.push(why));
        problems.extend(self.check_kind());
        problems.extend(self.check_boundary());
        match (is_in_doubt, begun) {
            (Ok(is_in_doubt), Ok(begun)) if problems.is_empty() => Ok((is_in_doubt, begun)),
            _ => Err(problems),
        }
    }

    fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem::new(code, message, hint).at(&self.address)
    }

    /// An existing role is never overwritten. What a restore of this archive made
    /// and did not finish gets what it lacks.
    fn check_name(&self) -> Result<Option<&LiveRole>, Problem> {
        let RoleArn { account, name, .. } = &self.role.arn;
        let Some(live) = self.context.role(&self.address, &AccountRole::of(account, name))? else {
            return Ok(None);
        };
        if live.id != self.role.id && self.is_begun(live) {
            return Ok(Some(live));
        }
        if live.id != self.role.id {
            let message = format!("the name is taken: {} is another role now, with id {}", live.arn, live.id);
            let hint = "delete that role first, if nothing uses it";
            return Err(self.problem(ProblemCode::NotOurs, message, hint));
        }
        let message = format!("the role was not deleted: it exists with the same id, {}", live.id);
        let is_quarantined = live.inline_policies.keys().any(|policy| policy.as_str() == QUARANTINE_POLICY);
        let hint = match is_quarantined {
            true => "it is quarantined: `pinpoint-streams sweep --release` removes the quarantine",
            false => "if single policies are missing, the archive's restore.sh has the commands to put them back",
        };
        Err(self.problem(ProblemCode::NotDeleted, message, hint))
    }

    /// Whether the role holds nothing but what a restore of this archive makes.
    fn is_begun(&self, live: &LiveRole) -> bool {
        let archived = self.role;
        let as_archived = |(name, document): (&PolicyName, &Document)| {
            archived.inline_policies.get(name).is_some_and(|archived| same_meaning(archived, document))
        };
        let tags = match self.declared {
            Some(_) => {
                let (ours, others): (Tags, Tags) =
                    live.tags.clone().into_iter().partition(|(key, _)| key.starts_with(ownership::PREFIX));
                if !is_made_here(self.context, &self.address, &ours) {
                    return false;
                }
                others
            }
            None => live.tags.clone(),
        };
        tags == self.tags()
            && same_meaning(&live.trust_policy, &archived.trust_policy)
            && live.arn == archived.arn
            && live.description == archived.description
            && live.max_session_duration == archived.max_session_duration
            && live.permissions_boundary == archived.permissions_boundary
            && live.inline_policies.iter().all(as_archived)
            && live.attached_policies.is_subset(&archived.attached_policies)
            && live.instance_profiles.is_subset(&archived.instance_profiles)
    }

    fn check_kind(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let path = self.role.path().as_str();
        if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") {
            let message = format!("only AWS can create roles under {path}");
            let hint = "the AWS service that uses the role creates it";
            problems.push(self.problem(ProblemCode::Immutable, message, hint));
        }
        let dead: Vec<&str> = principals(&self.role.trust_policy).filter_map(dead).collect();
        if !dead.is_empty() {
            let message =
                format!("its trust policy names deleted principals ({}), which IAM rejects", dead.join(", "));
            let hint = "remove them from the commands in the archive's restore.sh and run those";
            problems.push(self.problem(ProblemCode::RoleNotFound, message, hint));
        }
        problems
    }

    /// Without its boundary a role may do more than it ever could.
    fn check_boundary(&self) -> Option<Problem> {
        let boundary = self.role.permissions_boundary.as_ref()?;
        match self.policy(boundary) {
            Some(Read::Absent) => {
                let message = format!("its permissions boundary {boundary} does not exist");
                Some(self.problem(ProblemCode::PolicyNotFound, message, "create that policy again first"))
            }
            Some(Read::Unreadable(why)) => Some(unreadable_problem(
                Some(&self.address),
                format_args!("its permissions boundary {boundary}"),
                why,
            )),
            Some(Read::Present(_)) | None => None,
        }
    }

    fn policy(&self, policy: &PolicyArn) -> Option<&Read<Document>> {
        let asked = AccountPolicy { account: self.role.arn.account.clone(), arn: policy.clone() };
        self.context.live.policies.get(&asked)
    }

    /// The tags that come back. Those of ownership are written anew, where it becomes ours.
    fn tags(&self) -> Tags {
        let comes = |key: &str| {
            !key.starts_with(ownership::PREFIX)
                && !is_quarantine(key)
                && !key.to_ascii_lowercase().starts_with("aws:")
        };
        let mut tags = self.role.tags.clone();
        tags.retain(|key, _| comes(key));
        tags
    }

    fn plan(&self, draft: &mut Draft, is_in_doubt: bool, begun: Option<&LiveRole>, ready: &mut Ready) {
        let LiveRole {
            arn,
            id: _,
            trust_policy,
            inline_policies,
            attached_policies,
            instance_profiles,
            permissions_boundary,
            description,
            max_session_duration,
            tags: _,
            created: _,
            last_used: _,
            template: _,
        } = self.role;
        let gone = |policy: &&PolicyArn| self.policy(policy) == Some(&Read::Absent);
        for policy in attached_policies.iter().filter(gone) {
            draft.warn(&self.address, Fact::PolicyGone { policy: policy.clone() });
        }
        let grants = |name: &PolicyName| !is_quarantine(name.as_str());
        if attached_policies.is_empty() && !inline_policies.keys().any(grants) {
            let message = "its archive holds no policies, so the role comes back without permissions; if a delete of it \
                           was interrupted, the archive of that run has them";
            draft.warn(&self.address, not_restored(message));
        }
        let lacks_policy = |policy: &PolicyArn| begun.is_none_or(|live| !live.attached_policies.contains(policy));
        let lacks_inline = |name: &PolicyName| begun.is_none_or(|live| !live.inline_policies.contains_key(name));
        let lacks_profile = |name: &str| begun.is_none_or(|live| !live.instance_profiles.contains(name));
        let attached: BTreeSet<&PolicyArn> =
            attached_policies.iter().filter(|policy| !gone(policy) && lacks_policy(policy)).collect();
        let inline: Vec<_> = inline_policies
            .iter()
            .filter(|(name, _)| !is_quarantine(name.as_str()) && lacks_inline(name))
            .collect();
        let profiles: Vec<&String> = instance_profiles.iter().filter(|name| lacks_profile(name)).collect();
        let unrecorded = begun.zip(self.declared).filter(|(live, _)| !self.is_recorded(live));
        if begun.is_some()
            && unrecorded.is_none()
            && (attached.is_empty() && inline.is_empty() && profiles.is_empty())
        {
            draft.keep += 1;
            draft.warn(&self.address, not_restored("the role is there already, as it was archived"));
            ready.insert(arn.clone(), Vec::new());
            return;
        }

        let create = CreateRole {
            arn: arn.clone(),
            trust_policy: known(trust_policy),
            description: description.clone(),
            max_session_duration: *max_session_duration,
            permissions_boundary: permissions_boundary.clone(),
            tags: self.tags(),
            owner: self.declared.map(|_| self.context.owner(&self.address, Origin::Created)),
            protect: self.declared.is_some_and(|desired| desired.protect),
        };
        let mut fields = Differences::default();
        if begun.is_none() {
            fields.made_all(create.fields());
        }
        for (name, document) in &inline {
            fields.made_policy(&format!("inline_policies.{name}"), document);
        }
        for policy in &attached {
            fields.made(&format!("attached_policies.{policy}"), true);
        }
        for profile in &profiles {
            fields.made(&format!("instance_profiles.{profile}"), true);
        }
        let mut fields = fields.fields;
        mark_widening(&mut fields, is_in_doubt);

        let address = &self.address;
        let created: Option<Handle> = match (begun, unrecorded) {
            (None, _) => Some(draft.step(address, [], RoleOp::Create(create))),
            (Some(_), Some((live, desired))) => Some(draft.step(address, [], self.record(live, desired))),
            (Some(_), None) => None,
        };
        let mut steps: Vec<Handle> = created.into_iter().collect();
        for (policy_name, document) in inline {
            // Only the declared policy is recorded; the others are restored as unmanaged.
            let is_ours = self.declared.is_some_and(|desired| desired.policy_name == *policy_name);
            let at = if is_ours { address.clone() } else { undeclared(arn) };
            let (policy_name, document) = (policy_name.clone(), document.clone());
            let put = RoleOp::PutPolicy { role: arn.clone(), policy_name, document };
            steps.push(draft.step(&at, created, put));
        }
        for policy in attached {
            let attach = RoleOp::AttachPolicy { role: arn.clone(), policy: policy.clone() };
            steps.push(draft.step(address, created, attach));
        }
        for instance_profile in profiles {
            // Last, so that no instance has a role of which half is missing.
            let add = RoleOp::AddToProfile { role: arn.clone(), instance_profile: instance_profile.clone() };
            steps.push(draft.step(address, steps.clone(), add));
        }
        ready.insert(arn.clone(), steps);
        let notes = match begun {
            Some(_) => vec![Fact::RestoreContinues {}.into()],
            None => self.notes(),
        };
        let change = Change::new(address.clone(), (&arn.account, None), Action::Create, Reason::Restored);
        draft.change(Change { fields, notes, ..change });
    }

    fn is_recorded(&self, live: &LiveRole) -> bool {
        let known = self.context.resource(&self.address).and_then(|known| known.object.as_role());
        known.is_some_and(|record| record.id == live.id)
    }

    /// The record of a role that a restore made, which was lost.
    fn record(&self, live: &LiveRole, desired: &DesiredRole) -> RecordOp {
        let record = RoleRecord::of(live, |name| *name == desired.policy_name, live.tags.clone());
        let resource = Resource {
            account: live.arn.account.clone(),
            origin: Origin::Created,
            protect: desired.protect,
            named_under: self.address.key().unwrap_or_default().to_owned(),
            changed_at: live.created.unwrap_or_default(),
            object: Object::Role(record),
        };
        RecordOp::write(resource)
    }

    /// What is not as it was, although it looks so.
    fn notes(&self) -> Vec<Evidence> {
        let LiveRole { arn, id, template, .. } = self.role;
        let mut facts = vec![archived(self.archived)];
        facts.push(Fact::GetsNewId {
            id: id.clone(),
            account: arn.account.clone(),
            named_by: named_by(self.context, arn, id),
        });
        facts.extend(template.clone().map(|template| Fact::LosesTemplate { template }));
        facts.extend(self.declared.is_none().then_some(Fact::NotDeclared {}));
        facts.into_iter().map(Evidence::from).collect()
    }
}

/// The roles of its account whose trust policies show the id of the role that was deleted; none where they were
/// not read.
fn named_by(context: &Context<'_>, arn: &RoleArn, id: &RoleId) -> Option<Vec<String>> {
    let listed = context.live.role_lists.get(&arn.account).and_then(Read::present)?;
    let names_it = |role: &ListedRole| {
        principals(&role.trust_policy)
            .any(|principal| matches!(principal, Principal::Aws(text) if text == id.as_str()))
    };
    let roles = listed.values().filter_map(Read::present).filter(|role| names_it(role));
    Some(roles.map(|role| role.arn.name.to_string()).collect())
}

fn principals(document: &Document) -> impl Iterator<Item = &Principal> {
    let clauses = document.statements.iter().filter_map(|statement| statement.principal.as_ref());
    clauses.flat_map(|clause| match clause {
        PrincipalClause::Principal(set) | PrincipalClause::NotPrincipal(set) => set,
    })
}

/// The unique id that IAM shows in the place of a user or role that was deleted.
fn dead(principal: &Principal) -> Option<&str> {
    match principal {
        Principal::Aws(text) if !text.contains(':') => Some(text),
        _ => None,
    }
}
