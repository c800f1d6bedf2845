//! Who manages a role: this workspace, another, or another tool. What someone manages is never touched.
use super::candidate::Candidate;
use super::marks::TAGS;
use super::readings::Readings;
use super::{api_fact, local_fact, read_failed};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::ownership::{LINEAGE, PREFIX, WORKSPACE};
use pinpoint_streams_model::{
    AccountRegion, Address, Evidence, Fact, LiveRole, Object, Partition, Read, Region, RoleArn, Subject,
    Unreadable,
};
use std::collections::BTreeSet;

/// This workspace, by its state.
pub(super) fn recorded(readings: &Readings<'_>, candidate: &Candidate<'_>) -> Option<Evidence> {
    let arn = candidate.arn;
    if let Some((address, resource)) = readings.recorded.resources.role(arn) {
        let other_id = match &resource.object {
            Object::Role(role) if role.id != *candidate.id => Some(role.id.clone()),
            _ => None,
        };
        return Some(local_fact(Fact::RecordedAs { address: address.clone(), other_id }));
    }
    let mut pending = readings.recorded.pending.iter();
    let begun =
        pending.find(|one| one.op.role() == Some(arn) && !matches!(one.address, Address::Undeclared(..)))?;
    Some(local_fact(Fact::BegunFor {
        address: begun.address.clone(),
        run: begun.run.to_string(),
        operation: begun.op.name().to_owned(),
    }))
}

/// This or another workspace, by the role's tags.
pub(super) fn tagged(readings: &Readings<'_>, role: &LiveRole) -> Option<Evidence> {
    let key = role.tags.keys().find(|key| key.starts_with(PREFIX) && !TAGS.contains(&key.as_str()))?;
    let own = &readings.sweep.workspace;
    let lineage = || role.tags.get(LINEAGE)?.parse().ok();
    let fact = match (role.tags.get(WORKSPACE), lineage()) {
        (Some(workspace), _) if workspace != own.as_str() => {
            Fact::OwnedByWorkspace { workspace: workspace.clone() }
        }
        (Some(_), Some(lineage)) => Fact::OwnedByThisWorkspace { workspace: own.clone(), lineage },
        _ => Fact::OwnershipTag { key: key.clone() },
    };
    Some(api_fact("GetRole", fact))
}

/// Another tool that may manage a role.
pub(super) enum Tool {
    Manages(Evidence),
    /// It names the role by another path, in another letter case or without its ARN: it may mean another role.
    Conflict(Evidence),
}

/// A tool that is known without asking AWS further.
pub(super) fn tool(readings: &Readings<'_>, role: &LiveRole) -> Option<Tool> {
    let mut conflict = None;
    for (named, file) in &readings.sweep.options.terraform {
        let other = match named.parse::<RoleArn>() {
            Ok(arn) if arn == role.arn => {
                return Some(Tool::Manages(local_fact(Fact::HeldByTerraform { file: file.clone() })));
            }
            Ok(arn) => (arn.account == role.arn.account).then_some(arn.name.to_string()),
            // A name, or an ARN that is none: of whichever account.
            Err(_) => Some(named.rsplit('/').next().unwrap_or(named).to_owned()),
        };
        if other.is_some_and(|name| name.eq_ignore_ascii_case(role.arn.name.as_str())) {
            conflict = Some(local_fact(Fact::NamedOtherwise { file: file.clone(), named: named.clone() }));
        }
    }
    let template = || Some(api_fact("GetRole", Fact::MadeFromTemplate { template: role.template.clone()? }));
    conflict.map(Tool::Conflict).or_else(|| template().map(Tool::Manages))
}

/// What CloudFormation says of a role.
pub(super) enum Stack {
    Holds(Box<Evidence>),
    None(Vec<Evidence>),
    Unknown(Vec<Evidence>),
}

/// The CloudFormation stack that holds a role; or what shows that none does; or why that is not known. Every region
/// that is enabled for the account is asked: a stack's region need not be one with Pinpoint, nor one that is swept.
pub(super) fn stack(readings: &Readings<'_>, role: &RoleArn) -> Stack {
    let Some(regions) = stack_regions(readings, role) else {
        return Stack::Unknown(vec![local_fact(Fact::NotRead { what: Subject::EnabledRegions })]);
    };
    let (mut gaps, mut failed) = (Vec::new(), Vec::<(BTreeSet<AccountRegion>, &Unreadable)>::new());
    for region in &regions {
        match readings.live.stacks.get(&RegionalRole::of(&role.account, region, &role.name)) {
            Some(Read::Present(stack)) => {
                let fact = Fact::HeldByStack { stack: stack.clone(), region: region.clone() };
                return Stack::Holds(Box::new(api_fact("DescribeStackResources", fact)));
            }
            Some(Read::Absent) => {}
            Some(Read::Unreadable(why)) => {
                let place = AccountRegion::of(&role.account, region);
                match failed.iter_mut().find(|(_, known)| known.is_like(why)) {
                    Some((places, _)) => drop(places.insert(place)),
                    None => failed.push((BTreeSet::from([place]), why)),
                }
            }
            None => gaps.push(local_fact(Fact::NotRead { what: Subject::Stack(region.clone()) })),
        }
    }
    gaps.extend(failed.into_iter().map(|(places, why)| {
        let why = why.clone();
        api_fact(&why.operation.clone(), Fact::StacksUnreadable { places, why })
    }));
    if !gaps.is_empty() {
        if let Some(Read::Unreadable(why)) = readings.live.enabled_regions.get(&role.account) {
            gaps.push(read_failed(Subject::EnabledRegions, why));
        }
        return Stack::Unknown(gaps);
    }
    let asserted = &readings.sweep.options.no_stacks_in;
    let places = asserted.iter().filter(|place| place.account == role.account).cloned().collect::<BTreeSet<_>>();
    let mut evidence = Vec::new();
    if !regions.is_empty() {
        evidence.push(api_fact("DescribeStackResources", Fact::InNoStack { regions }));
    }
    if !places.is_empty() {
        evidence.push(local_fact(Fact::NoStacksAsserted { places }));
    }
    Stack::None(evidence)
}

/// The regions whose stacks are asked for a role: those enabled for its account or, where that could not be read, all
/// of the partition; without those that a person asserts to hold no role in a stack. None where the enabled regions
/// must be asked for first. GovCloud has no API that tells them.
pub(super) fn stack_regions(readings: &Readings<'_>, role: &RoleArn) -> Option<BTreeSet<Region>> {
    let enabled = match (role.partition, readings.live.enabled_regions.get(&role.account)) {
        (Partition::Aws, None) => return None,
        (Partition::Aws, Some(Read::Present(enabled))) => enabled.clone(),
        (Partition::Aws, Some(Read::Absent | Read::Unreadable(_))) | (Partition::AwsUsGov, _) => {
            Region::all(role.partition).collect()
        }
    };
    let is_asked =
        |region: &Region| !readings.sweep.options.no_stacks_in.contains(&AccountRegion::of(&role.account, region));
    Some(enabled.into_iter().filter(is_asked).collect())
}
