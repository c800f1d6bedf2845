//! CloudFormation: DescribeStackResources for roles.
use crate::query::{self, Form, Outcome, QueryError};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::iam::{Role, Stack};
use crate::xml::Xml;

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "DescribeStackResources" => stack_resources(world, request),
        "ListStackResources" => list_stack_resources(world, request),
        other => Err(QueryError::invalid_action(other, "2010-05-15")),
    };
    query::respond(request, NAMESPACE, request_id, outcome)
}

/// The roles of the stack that contains the given role. A role's physical ID is its name.
fn stack_resources(world: &mut World, request: &Request) -> Outcome {
    let form = Form::parse(&request.body);
    let Some(id) = form.get("PhysicalResourceId") else {
        return Err(QueryError::validation("Either StackName or PhysicalResourceId must be specified"));
    };
    let account = world.account(&request.account);
    let in_region = |role: &Role| role.stack.clone().filter(|stack| stack.region == request.region);
    let held = account.role(id).filter(|role| role.name == id).and_then(in_region);
    let stack = held.ok_or_else(|| QueryError::validation(format!("Stack for {id} does not exist")))?;
    let resources = account.roles.values().filter(|role| role.stack.as_ref() == Some(&stack));
    let mut xml = Xml::default();
    let partition = &account.partition;
    xml.list("StackResources", resources, |xml, role| {
        let Stack { region, name } = &stack;
        xml.text("StackName", name);
        xml.text(
            "StackId",
            &format!("arn:{partition}:cloudformation:{region}:{}:stack/{name}/0", request.account),
        );
        xml.text("LogicalResourceId", "Role");
        xml.text("PhysicalResourceId", &role.name);
        xml.text("ResourceType", "AWS::IAM::Role");
        xml.time("Timestamp", role.created);
        xml.text("ResourceStatus", "CREATE_COMPLETE");
    });
    Ok(Some(xml))
}

/// The roles of a stack. There is nothing else in stacks here, and all fit on a page.
fn list_stack_resources(world: &mut World, request: &Request) -> Outcome {
    let form = Form::parse(&request.body);
    let name = form.required("StackName")?;
    let account = world.account(&request.account);
    let is_in_it = |role: &&Role| {
        role.stack.as_ref().is_some_and(|stack| stack.name == name && stack.region == request.region)
    };
    let roles: Vec<(usize, &Role)> = account.roles.values().filter(is_in_it).enumerate().collect();
    if roles.is_empty() {
        return Err(QueryError::validation(format!("Stack with id {name} does not exist")));
    }
    let mut xml = Xml::default();
    xml.list("StackResourceSummaries", roles, |xml, (number, role)| {
        xml.text("LogicalResourceId", &format!("Role{number}"));
        xml.text("PhysicalResourceId", &role.name);
        xml.text("ResourceType", "AWS::IAM::Role");
        xml.time("LastUpdatedTimestamp", role.created);
        xml.text("ResourceStatus", "CREATE_COMPLETE");
    });
    Ok(Some(xml))
}
