//! What is in the cloud before the test begins. None of it is logged, checked or slow to be seen.
use super::FakeCloud;
use super::account::{Account, Accounts, App, Grants, Limits, Role};
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, PolicyName, RoleId};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{LastUsed, LiveStream};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::{Partition, Region};
use std::time::Duration;

impl FakeCloud {
    pub fn add_account(&self, id: &AccountId) {
        self.lock().accounts.ensure(id, Partition::Aws);
    }

    pub fn add_app(&self, account: &AccountId, region: &Region, name: &str) -> AppArn {
        let id: AppId = self.lock().accounts.new_app_id();
        let arn = AppArn { region: region.clone(), account: account.clone(), id };
        self.add_app_as(&arn, name);
        arn
    }

    pub fn add_app_as(&self, arn: &AppArn, name: &str) {
        let AppArn { region, account, id } = arn;
        let accounts = &mut self.lock().accounts;
        let account = accounts.ensure(account, region.partition());
        account.apps.insert((region.clone(), id.clone()), App::new(name, Default::default()));
    }

    /// Makes a stream that is active and takes records from applications, and its account if need be.
    pub fn add_stream(&self, arn: &StreamArn) {
        let live = LiveStream { active: true, status: "ACTIVE".to_owned(), direct_put: true, customer_key: None };
        self.add_stream_as(arn, live);
    }

    pub fn add_stream_as(&self, arn: &StreamArn, live: LiveStream) {
        let accounts = &mut self.lock().accounts;
        accounts.ensure(arn.account(), arn.region().partition());
        accounts.streams.insert(arn.clone(), live);
    }

    /// Makes a managed policy. Those that are AWS's own are there without it, and grant nothing.
    pub fn add_policy(&self, arn: &PolicyArn, document: &str) {
        self.lock().accounts.policies.insert(arn.clone(), document.to_owned());
    }

    /// Gives a stream or a key this policy of its own. A key without one has that of a new key, which leaves everything to
    /// the policies of its account.
    pub fn set_resource_policy(&self, arn: impl ToString, document: &str) {
        self.lock().accounts.resource_policies.insert(arn.to_string(), document.to_owned());
    }

    /// Makes a role with this trust policy and nothing else, and its account if need be. Replaces one of its name.
    pub fn add_role(&self, arn: &RoleArn, trust_policy: &Document) -> RoleId {
        let now = self.moment(0);
        let accounts = &mut self.lock().accounts;
        let id = accounts.new_role_id();
        let grants = Grants { trust: trust_policy.to_json(), ..Grants::default() };
        let mut role = Role::new(arn.clone(), id.clone(), grants, now);
        role.settle();
        accounts.ensure(&arn.account, arn.partition).roles.insert(arn.name.clone(), role);
        id
    }

    pub fn add_role_with_policy(
        &self,
        arn: &RoleArn,
        trust_policy: &Document,
        name: &PolicyName,
        policy: &Document,
    ) -> RoleId {
        let id = self.add_role(arn, trust_policy);
        self.outside().put_inline_policy(arn, name, &policy.to_json());
        id
    }

    pub fn put_in_stack(&self, role: &RoleArn, region: &Region, stack: &str) {
        let key = RegionalRole::of(&role.account, region, &role.name);
        self.lock().accounts.stacks.insert(key, stack.to_owned());
    }

    pub fn set_history(&self, role: &RoleArn, template: Option<&str>, created: Timestamp, last_used: LastUsed) {
        let accounts = &mut self.lock().accounts;
        let known = accounts.ensure(&role.account, role.partition).roles.get_mut(&role.name);
        if let Some(known) = known {
            known.template = template.map(str::to_owned);
            known.created = created;
            known.last_used = last_used;
        }
    }

    /// How long a change of a role takes to reach Pinpoint. Zero in a new cloud; a few seconds on AWS.
    pub fn set_propagation(&self, propagation: Duration) {
        self.lock().accounts.propagation = propagation;
    }

    pub fn settle(&self) {
        let accounts = &mut self.lock().accounts;
        accounts.accounts.values_mut().flat_map(|account| account.roles.values_mut()).for_each(Role::settle);
    }

    pub fn set_limits(&self, account: &AccountId, limits: Limits) {
        self.lock().accounts.ensure(account, Partition::Aws).limits = limits;
    }

    /// Lets the credentials meant for one account lead to another.
    pub fn set_caller(&self, account: &AccountId, caller: &AccountId) {
        self.lock().accounts.ensure(account, Partition::Aws).caller = caller.clone();
    }

    /// Whether GetApps and GetApp answer with tags. They do in a new cloud.
    pub fn list_apps_with_tags(&self, with_tags: bool) {
        self.lock().accounts.apps_are_listed_without_tags = !with_tags;
    }
}

impl Accounts {
    pub(crate) fn ensure(&mut self, id: &AccountId, partition: Partition) -> &mut Account {
        self.accounts.entry(id.clone()).or_insert_with(|| Account::new(id, partition))
    }
}
