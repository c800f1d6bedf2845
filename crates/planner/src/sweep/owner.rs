//! Who manages a role: this workspace, another, or another tool. What someone manages is never touched.
use super::facts::{Candidate, Facts};
use super::marks::TAGS;
use super::proof::{Gap, failed};
use super::{said, told};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{LiveRole, Read};
use pinpoint_streams_model::ownership::{LINEAGE, PREFIX, WORKSPACE};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::sweep::Evidence;

/// Someone who manages a role, and what to change there.
pub(super) struct Owner {
    pub(super) evidence: Evidence,
    pub(super) advice: String,
}

/// This workspace, by its state.
pub(super) fn recorded(facts: &Facts<'_>, candidate: &Candidate<'_>) -> Option<Owner> {
    let arn = candidate.arn;
    if let Some((address, resource)) = facts.recorded.resources.role(arn) {
        let mut fact = format!("the state records it as {address}");
        if let Object::Role(role) = &resource.object
            && role.id != *candidate.id
        {
            fact = format!("{fact}, with another id, {}: someone has made it anew", role.id);
        }
        let advice =
            format!("`plan` decides on it; to be rid of it, take the block of {address} out of the manifest");
        return Some(Owner { evidence: told(fact), advice });
    }
    let mut pending = facts.recorded.pending.iter();
    let begun =
        pending.find(|one| one.op.role() == Some(arn) && !matches!(one.address, Address::Undeclared(..)))?;
    let fact = format!("run {} began {} on it for {}", begun.run, begun.op.name(), begun.address);
    Some(Owner { evidence: told(fact), advice: "`plan` settles what became of that".to_owned() })
}

/// This or another workspace, by the role's tags.
pub(super) fn tagged(facts: &Facts<'_>, role: &LiveRole) -> Option<Owner> {
    let key = role.tags.keys().find(|key| key.starts_with(PREFIX) && !TAGS.contains(&key.as_str()))?;
    let (workspace, lineage) = (role.tags.get(WORKSPACE), role.tags.get(LINEAGE));
    let (fact, advice) = match (workspace, lineage) {
        (Some(workspace), _) if workspace != facts.sweep.workspace.as_str() => (
            format!("its tags say that workspace {workspace} manages it"),
            format!("take it out of the manifest of workspace {workspace}"),
        ),
        (Some(workspace), Some(lineage)) => (
            format!("its tags say that workspace {workspace} manages it, lineage {lineage}"),
            "`state recover` takes it into the state; then `destroy`, or a manifest without it, takes it away"
                .to_owned(),
        ),
        _ => (
            format!("it bears the tag {key}, so a workspace manages it; which one its tags do not say"),
            "find the workspace, or take the tags off".to_owned(),
        ),
    };
    Some(Owner { evidence: said("GetRole", fact), advice })
}

/// A tool that is known without asking AWS further.
pub(super) fn tool(facts: &Facts<'_>, role: &LiveRole) -> Option<Owner> {
    let same = |text: &str| text.parse::<RoleArn>().is_ok_and(|arn| arn == role.arn);
    if let Some((_, file)) = facts.sweep.options.terraform.iter().find(|(arn, _)| same(arn)) {
        let evidence = told(format!("the Terraform state {file} holds it"));
        return Some(Owner {
            evidence,
            advice: format!("take it out of the configuration behind {file}, and apply that"),
        });
    }
    let template = role.template.as_ref()?;
    let evidence = said("GetRole", format!("it was made from the role template {template}"));
    Some(Owner { evidence, advice: format!("change the role template {template}") })
}

/// A CloudFormation stack of a swept region; or what shows that it is in none; or why that is not known.
pub(super) fn stack(facts: &Facts<'_>, role: &RoleArn) -> Result<Result<Owner, Evidence>, Vec<Gap>> {
    let mut gaps = Vec::new();
    let regions: Vec<_> = stack_regions(facts, role).collect();
    if regions.is_empty() {
        let evidence = told("which CloudFormation stack holds it was not read: no region is swept");
        return Err(vec![Gap { evidence, way_out: "name the regions of its stacks with --regions".to_owned() }]);
    }
    for region in &regions {
        let key = RegionalRole::of(&role.account, region, &role.name);
        match facts.live.stacks.get(&key) {
            Some(Read::Present(stack)) => {
                let evidence = said("DescribeStackResources", format!("stack {stack} of {region} holds it"));
                return Ok(Ok(Owner { evidence, advice: format!("take it out of stack {stack} of {region}") }));
            }
            Some(Read::Absent) => {}
            Some(Read::Unreadable(why)) => gaps.push(failed(&format!("which stack of {region} holds it"), why)),
            None => gaps.push(Gap {
                evidence: told(format!("which stack of {region} holds it was not read")),
                way_out: "sweep again".to_owned(),
            }),
        }
    }
    if !gaps.is_empty() {
        return Err(gaps);
    }
    let regions: Vec<_> = regions.into_iter().map(ToString::to_string).collect();
    Ok(Err(said("DescribeStackResources", format!("no CloudFormation stack of {} holds it", regions.join(", ")))))
}

/// The regions whose stacks are asked for a role.
pub(super) fn stack_regions<'f>(facts: &'f Facts<'_>, role: &RoleArn) -> impl Iterator<Item = &'f Region> {
    facts.sweep.options.regions.iter().filter(|region| region.partition() == role.partition)
}
