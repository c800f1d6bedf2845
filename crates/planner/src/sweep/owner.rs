//! Who manages a role: this workspace, another, or another tool. What someone manages is never touched.
use super::candidate::Candidate;
use super::marks::TAGS;
use super::readings::Readings;
use super::{api_fact, local_fact, read_failed};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Subject};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{LiveRole, Read};
use pinpoint_streams_model::ownership::{LINEAGE, PREFIX, WORKSPACE};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_model::region::Region;

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

/// A tool that is known without asking AWS further.
pub(super) fn tool(readings: &Readings<'_>, role: &LiveRole) -> Option<Evidence> {
    let same = |text: &str| text.parse::<RoleArn>().is_ok_and(|arn| arn == role.arn);
    if let Some((_, file)) = readings.sweep.options.terraform.iter().find(|(arn, _)| same(arn)) {
        return Some(local_fact(Fact::HeldByTerraform { file: file.clone() }));
    }
    let template = role.template.clone()?;
    Some(api_fact("GetRole", Fact::MadeFromTemplate { template }))
}

/// What CloudFormation says of a role.
pub(super) enum Stack {
    Holds(Evidence),
    None(Evidence),
    Unknown(Vec<Evidence>),
}

/// A CloudFormation stack of a swept region; or what shows that it is in none; or why that is not known.
pub(super) fn stack(readings: &Readings<'_>, role: &RoleArn) -> Stack {
    let mut gaps = Vec::new();
    let regions: Vec<_> = stack_regions(readings, role).collect();
    if regions.is_empty() {
        return Stack::Unknown(vec![local_fact(Fact::StacksNotAsked {})]);
    }
    for region in &regions {
        let region = (*region).clone();
        match readings.live.stacks.get(&RegionalRole::of(&role.account, &region, &role.name)) {
            Some(Read::Present(stack)) => {
                let fact = Fact::HeldByStack { stack: stack.clone(), region };
                return Stack::Holds(api_fact("DescribeStackResources", fact));
            }
            Some(Read::Absent) => {}
            Some(Read::Unreadable(why)) => gaps.push(read_failed(Subject::Stack(region), why)),
            None => gaps.push(local_fact(Fact::NotRead { what: Subject::Stack(region) })),
        }
    }
    if !gaps.is_empty() {
        return Stack::Unknown(gaps);
    }
    let regions = regions.into_iter().cloned().collect();
    Stack::None(api_fact("DescribeStackResources", Fact::InNoStack { regions }))
}

/// The regions whose stacks are asked for a role.
pub(super) fn stack_regions<'f>(readings: &'f Readings<'_>, role: &RoleArn) -> impl Iterator<Item = &'f Region> {
    readings.sweep.options.regions.iter().filter(|region| region.partition() == role.partition)
}
