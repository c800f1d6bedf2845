//! The tables of a manifest.
use super::{Key, Table, Value};

const fn key(name: &'static str, value: Value, about: &'static str, example: &'static str) -> Key {
    Key { name, value, required: false, default: "", about, example }
}

const fn required(name: &'static str, value: Value, about: &'static str, example: &'static str) -> Key {
    Key { name, value, required: true, default: "", about, example }
}

const fn or(default: &'static str, key: Key) -> Key {
    Key { default, ..key }
}

pub static MANIFEST: Table = Table {
    header: "",
    about: "The keys before the first table. A key after a table header belongs to that table.",
    keys: &[
        required("version", Value::Number, "The format of the manifest: 1.", "1"),
        required(
            "workspace",
            Value::Literal,
            "Who owns what is created. It goes into ownership tags, and into the confirmation of a destroy.",
            "\"growth\"",
        ),
        key(
            "include",
            Value::Texts,
            "More files with `[streams.*]`, `[roles.*]` and `[apps.*]`: paths or patterns below the manifest's directory.",
            "[\"apps/*.toml\"]",
        ),
        key("defaults", Value::Table(&DEFAULTS), "The account and region of apps that do not set their own.", ""),
        key("accounts", Value::TableOf(&ACCOUNT), "The AWS accounts, by alias.", ""),
        key("role_defaults", Value::Table(&ROLE_DEFAULTS), "Settings of all roles that are managed here.", ""),
        key("streams", Value::TableOf(&STREAM), "The streams that events go to.", ""),
        key("roles", Value::TableOf(&SHARED_ROLE), "Roles that several apps share.", ""),
        key("apps", Value::TableOf(&APP), "The Pinpoint apps.", ""),
        key("variables", Value::Variables, "Variables, with their defaults, for `{var.NAME}`.", ""),
        key("moved", Value::Blocks(&MOVED), "Apps that have a new key.", ""),
        key("forget", Value::Blocks(&FORGET), "Resources to stop managing without deleting them.", ""),
        key("safety", Value::Table(&SAFETY), "What no plan may do.", ""),
        key("sweep", Value::Table(&SWEEP), "What a sweep skips or assumes.", ""),
        key("notices", Value::Table(&NOTICES), "Which notices are shown.", ""),
        key("state", Value::Table(&STATE), "Where the state is kept.", ""),
    ],
};

static DEFAULTS: Table = Table {
    header: "[defaults]",
    about: "The account and region of apps that do not set their own.",
    keys: &[
        key("account", Value::Text, "The alias of an account of `[accounts]`.", "\"main\""),
        key(
            "region",
            Value::Text,
            "A region with Amazon Pinpoint. There is no other default: the region of the environment is not used.",
            "\"us-east-1\"",
        ),
    ],
};

static ACCOUNT: Table = Table {
    header: "[accounts.ALIAS]",
    about: "An AWS account. Without any, the credentials of the environment are used, of any account, under the alias \
            `default`.",
    keys: &[
        required(
            "id",
            Value::Text,
            "The 12-digit account ID. Credentials of any other account are refused.",
            "\"123456789012\"",
        ),
        key("profile", Value::Text, "The profile of the AWS configuration files to use.", "\"growth-prod\""),
        key(
            "assume_role",
            Value::Text,
            "The ARN of a role of this account to assume. Skipped if the caller is in the account already.",
            "\"arn:aws:iam::123456789012:role/Deploy\"",
        ),
        key("external_id", Value::Text, "For `assume_role`.", "\"growth\""),
        key("session_name", Value::Text, "For `assume_role`.", "\"deploy\""),
    ],
};

const NAME: Key = or(
    "\"PinpointEventStream-{app}\"",
    key("name", Value::Template, "The role's name, at most 64 characters.", "\"{workspace}-{app}\""),
);
const PATH: Key = or("\"/pinpoint-streams/\"", key("path", Value::Template, "The role's path.", "\"/pinpoint/\""));
const POLICY_NAME: Key = or(
    "\"PinpointEventStreamPermissionsPolicy\"",
    key("policy_name", Value::Template, "The name of the role's inline policy.", "\"put-records\""),
);
const DESCRIPTION: Key = or(
    "\"Lets Amazon Pinpoint stream {app} to {stream}\"",
    key("description", Value::Template, "The role's description, at most 1000 characters.", "\"Events of {app}\""),
);
const SESSION: Key = or(
    "3600",
    key("max_session_duration", Value::Number, "In seconds, 3600 to 43200. AWS services ignore it.", "3600"),
);
const BOUNDARY: Key = key(
    "permissions_boundary",
    Value::Template,
    "A managed policy as permissions boundary: a name in the role's account, or an ARN.",
    "\"boundary\"",
);
const TAGS: Key = key("tags", Value::Tags, "Tags, besides the ownership tags.", "{ team = \"growth\" }");

static ROLE_DEFAULTS: Table = Table {
    header: "[role_defaults]",
    about: "Settings of all roles that are managed here. Those of `[roles.*]` and of an app's own role take precedence.",
    keys: &[NAME, PATH, POLICY_NAME, DESCRIPTION, SESSION, BOUNDARY, TAGS],
};

static SHARED_ROLE: Table = Table {
    header: "[roles.KEY]",
    about: "A role that several apps of one account share: `role = \"KEY\"` in each of them.",
    keys: &[
        or(
            "\"apps\"",
            key(
                "trust",
                Value::OneOf(&["apps", "region"]),
                "Which apps it trusts: exactly those that use it, or all apps of their regions, for more apps than fit in \
                 a trust policy.",
                "\"region\"",
            ),
        ),
        NAME,
        PATH,
        POLICY_NAME,
        DESCRIPTION,
        SESSION,
        BOUNDARY,
        TAGS,
    ],
};

static OWN_ROLE: Table = Table {
    header: "[apps.KEY.role]",
    about: "An app's own role with settings of its own, or with `arn` alone a role that is managed elsewhere.",
    keys: &[
        key(
            "arn",
            Value::Template,
            "A role that is managed elsewhere. Nothing is written to it, and no other key can be set with it.",
            "\"arn:aws:iam::{account_id}:role/streams\"",
        ),
        NAME,
        PATH,
        POLICY_NAME,
        DESCRIPTION,
        SESSION,
        BOUNDARY,
        TAGS,
    ],
};

static STREAM: Table = Table {
    header: "[streams.KEY]",
    about: "A stream that events go to: exactly one of `kinesis` and `firehose`.",
    keys: &[
        key(
            "kinesis",
            Value::Template,
            "A Kinesis data stream: a name in the app's account and region, or an ARN.",
            "\"clickstream\"",
        ),
        key(
            "firehose",
            Value::Template,
            "A Firehose stream with Direct PUT: a name or an ARN.",
            "\"pinpoint-events\"",
        ),
        key(
            "kms_key",
            Value::Template,
            "The ARN of the customer managed key that encrypts the stream, if one does.",
            "\"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\"",
        ),
    ],
};

static APP: Table = Table {
    header: "[apps.KEY]",
    about: "A Pinpoint app: one that exists (`id`), of which only the event stream and its role are managed, or one that \
            is created and owned here (`name`). Exactly one of the two.",
    keys: &[
        key(
            "id",
            Value::Text,
            "The ID of an app that exists. It is never created or deleted here.",
            "\"810c7aab86d42fb2b56c8c966example\"",
        ),
        key(
            "name",
            Value::Template,
            "The name of an app to be created and owned, 1 to 64 characters.",
            "\"Blog\"",
        ),
        key("account", Value::Text, "The alias of its account, if not the default.", "\"main\""),
        key("region", Value::Text, "Its region, if not the default.", "\"eu-west-1\""),
        key(
            "stream",
            Value::Text,
            "The key of one of `[streams.*]`. Without it, the app has no event stream.",
            "\"clickstream\"",
        ),
        key(
            "role",
            Value::RoleChoice(&OWN_ROLE),
            "The key of one of `[roles.*]`, or a table. Without it, the app has a role of its own.",
            "\"shared\"",
        ),
        key("tags", Value::Tags, "Tags of an owned app, and of its own role.", "{ site = \"blog\" }"),
        or(
            "false",
            key(
                "protect",
                Value::Flag,
                "Whether app, role and event stream are never deleted or replaced.",
                "true",
            ),
        ),
        or("false", key("adopt", Value::Flag, "Whether existing resources with these names are adopted.", "true")),
    ],
};

static MOVED: Table = Table {
    header: "[[moved]]",
    about: "An app that has a new key: the state and the tags follow, and nothing is replaced.",
    keys: &[
        required("from", Value::Text, "The old key, which is no longer declared.", "\"shop\""),
        required("to", Value::Text, "The new key.", "\"store\""),
    ],
};

static FORGET: Table = Table {
    header: "[[forget]]",
    about: "A resource to stop managing: it is removed from the state and stays in AWS. Of what is still \
            declared, only what AWS no longer has is forgotten, and then created again.",
    keys: &[required("address", Value::Text, "`app.KEY`, `role.KEY` or `event_stream.KEY`.", "\"role.legacy\"")],
};

static SAFETY: Table = Table {
    header: "[safety]",
    about: "What no plan may do.",
    keys: &[
        key(
            "max_delete",
            Value::Limit,
            "How many resources a plan may delete or replace without `--allow-mass-delete`.",
            "20",
        ),
        key("required_tags", Value::Texts, "Keys of tags that every resource must have.", "[\"team\"]"),
        or("false", key("read_only", Value::Flag, "Whether nothing may be written to AWS.", "true")),
    ],
};

static SWEEP: Table = Table {
    header: "[sweep]",
    about: "What a sweep skips or assumes.",
    keys: &[
        key("exclude", Value::Texts, "Names and patterns of roles to skip.", "[\"PinpointLegacy*\"]"),
        key(
            "no_pinpoint_in",
            Value::Texts,
            "Regions and patterns in which Pinpoint was never used: an assertion, which reports show as such.",
            "[\"ap-*\"]",
        ),
    ],
};

static NOTICES: Table = Table {
    header: "[notices]",
    about: "Which notices are shown.",
    keys: &[or(
        "true",
        key("end_of_support", Value::Flag, "That Amazon Pinpoint's support ended on 30 October 2026.", "false"),
    )],
};

static STATE: Table = Table {
    header: "[state]",
    about: "Where the state is kept: a file, or an object in a bucket. By default a file beside the manifest.",
    keys: &[
        key("path", Value::Text, "A path below the manifest's directory.", "\"pinpoint-streams.state.json\""),
        key("s3", Value::Table(&STATE_S3), "An object in a bucket, for teams.", ""),
    ],
};

static STATE_S3: Table = Table {
    header: "[state.s3]",
    about: "An object in a bucket, which should have versioning enabled. The lock and the archives are beside it.",
    keys: &[
        required("bucket", Value::Text, "The bucket's name.", "\"growth-state\""),
        required("key", Value::Text, "The object's key.", "\"{workspace}/{var.stage}.json\""),
        key("region", Value::Text, "The bucket's region, if not that of the environment.", "\"eu-west-1\""),
        key(
            "profile",
            Value::Text,
            "The profile for the bucket, if not that of the environment.",
            "\"growth-prod\"",
        ),
        key("encrypt", Value::Flag, "Whether to request encryption with keys of S3.", "true"),
        key("kms_key_id", Value::Text, "The KMS key to encrypt with.", "\"alias/state\""),
    ],
};
