//! What every cloud must show, whatever is behind it: the fake one, the adapter over the sandbox, AWS itself. Each
//! behaviour is a function of its own that makes what it needs and leans on no other; [`crate::contract_tests`] makes a
//! test of each.
pub mod apps;
pub mod event_streams;
pub mod roles;
mod tools;

pub use tools::World;

/// Makes a test of every behaviour. `$setup` is an expression that is evaluated for each: a cloud and a [`World`].
///
/// `tests/contract.rs` of this crate runs it over the fake cloud, `tests/embedded` over the real adapter:
/// `contract_tests!(setup().await)`, where `setup` makes a cloud and a world of its own for each test.
#[macro_export]
macro_rules! contract_tests {
    ($setup:expr) => {
        $crate::contract_test_of_each! { $setup;
            roles::a_created_role_reads_back_the_same_alone_and_in_bulk,
            roles::documents_keep_their_percent_and_plus_signs,
            roles::a_role_that_is_not_there_is_absent_and_no_error,
            roles::a_name_is_taken_whatever_its_letter_case,
            roles::a_role_is_not_deleted_while_a_policy_hangs_on_it,
            roles::deleting_what_is_not_there_is_not_found,
            roles::a_role_made_again_is_another_role,
            roles::a_new_trust_policy_takes_the_place_of_the_old,
            roles::description_and_session_change_together,
            roles::tags_are_written_over_and_taken_off,
            roles::a_boundary_is_set_and_taken_off,
            roles::inline_policies_are_written_over_and_deleted,
            roles::a_trust_policy_over_the_quota_is_refused,
            roles::inline_policies_over_the_quota_are_refused,
            roles::a_principal_that_iam_does_not_know_is_refused,
            roles::the_quotas_count_the_roles,
            roles::the_list_has_every_role_as_it_reads_alone,
            roles::a_managed_policy_says_what_it_allows,
            roles::a_managed_policy_is_attached_and_taken_off,
            roles::a_role_that_no_stack_holds_has_none,
            roles::a_role_without_an_owner_bears_only_the_tags_given,
            apps::the_caller_is_the_account,
            apps::a_created_app_is_listed_and_bears_its_tags,
            apps::two_apps_may_have_one_name,
            apps::tags_of_an_app_are_written_over_and_taken_off,
            apps::an_app_that_is_not_there_is_absent_and_no_error,
            apps::a_deleted_app_is_gone_with_its_event_stream,
            apps::channels_can_be_read,
            event_streams::an_app_without_an_event_stream_has_none,
            event_streams::an_event_stream_reads_back_as_it_was_put,
            event_streams::a_second_put_takes_the_place_of_the_first,
            event_streams::a_deleted_event_stream_is_absent,
            event_streams::a_role_that_is_not_there_is_not_ready,
            event_streams::a_role_that_trusts_another_service_is_not_ready,
            event_streams::a_role_that_admits_another_app_is_not_ready,
            event_streams::a_role_that_may_not_write_is_not_ready,
            event_streams::an_app_that_is_not_there_takes_no_event_stream,
            event_streams::a_stream_that_is_not_there_is_refused,
            event_streams::the_streams_are_active_and_take_records,
            event_streams::a_stream_that_is_not_there_is_absent_and_no_error,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_test_of_each {
    ($setup:expr; $($group:ident :: $behaviour:ident,)*) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                let (cloud, world) = $setup;
                $crate::contract::$group::$behaviour(&cloud, &world).await;
            }
        )*
    };
}
