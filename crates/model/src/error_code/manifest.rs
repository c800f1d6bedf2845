//! The codes of errors and warnings in a manifest.
crate::error_codes! {
    NOT_TOML = "PS0101", "the file is not TOML",
        "The manifest, or a file that it includes, cannot be parsed as TOML: a quote or bracket is missing, or the file is not UTF-8 text.",
        "Correct the line that is shown. Save the file as UTF-8. Strings are in quotes, and tables begin with `[name]` on a line of their own.";
    UNDECLARED = "PS0102", "a name that is not declared",
        "An app names a stream, a role or an account that no table declares, or a `[[moved]]` block names an app that is not declared.",
        "Correct the spelling, or declare the table: `[streams.NAME]`, `[roles.NAME]`, `[accounts.NAME]` or `[apps.NAME]`.";
    UNKNOWN_KEY = "PS0103", "an unknown key or table",
        "A key is misspelt, or it is in a table that does not have it. In TOML, a key belongs to the table header above it.",
        "Correct the spelling, or move the key. docs/manifest.md lists the keys of every table.";
    WRONG_TYPE = "PS0104", "a value of the wrong type",
        "A value has another type than the key takes, such as a number for a name.",
        "Write the type that the message expects; docs/manifest.md lists it for every key.";
    INVALID_VALUE = "PS0105", "a value that is not valid",
        "A value has the right type, but not the form or the range that AWS or this program requires.",
        "Write a value that follows the rule in the message.";
    MISSING_KEY = "PS0106", "a required key is missing",
        "A table lacks a key without which it has no meaning.",
        "Add the key as the help shows.";
    DECLARED_TWICE = "PS0107", "a key or table is declared twice",
        "The same key or table is in one file twice, or in two files of the manifest.",
        "Remove one of the two, or give one another name.";
    CONFLICTING_KEYS = "PS0108", "keys that exclude each other",
        "Two keys of one table cannot be combined, or one has no meaning without another.",
        "Remove one of the two, or add the one that is missing.";
    UNSUPPORTED_VERSION = "PS0109", "a version of the manifest that is not supported",
        "`version` names a format that this version of the program does not read.",
        "Use the version of pinpoint-streams that the manifest was written for, or write `version = 1`.";
    UNREADABLE_FILE = "PS0110", "a file of the manifest cannot be read",
        "An included file does not exist, may not be read, or lies outside of the manifest's directory.",
        "Check the pattern in `include` and the permissions of the file.";
    TOO_LARGE = "PS0111", "the manifest is too large",
        "A file of the manifest, all of them together, or their number exceeds the limit.",
        "Check what `include` matches; split workspaces that are this large.";
    PLACEHOLDER = "PS0112", "a placeholder that cannot be filled in",
        "A text contains a placeholder that does not exist, that has no value there, or that has several; or it has a placeholder in Terraform's form, `${app}`.",
        "Use a placeholder that the message lists, as `{app}`. A brace itself is written `{{`, a dollar sign before a placeholder `$$`.";
    OTHER_PLACE = "PS0113", "resources in different accounts, regions or partitions",
        "An app, its stream and its role must be in one account, and app, stream and key in one region.",
        "Use the stream or role of the app's own account and region, or correct `account` and `region` of the app.";
    NOT_IN_INCLUDED_FILE = "PS0114", "a table that an included file cannot contain",
        "An included file contains only `[streams.*]`, `[roles.*]` and `[apps.*]`.",
        "Move the table to the manifest itself.";
    UNDECLARED_VARIABLE = "PS0115", "a variable of --var that is not declared",
        "`--var NAME=VALUE` names a variable that `[variables]` does not declare.",
        "Correct the name, or declare it with a default under `[variables]`.";
    REGION_WITHOUT_PINPOINT = "PS0116", "a region without Amazon Pinpoint",
        "Amazon Pinpoint has no endpoint in that region, or the region's name is misspelt.",
        "Use one of the regions that the message lists.";
    CONTRADICTING_MOVE = "PS0117", "a `[[moved]]` block that contradicts the manifest",
        "A key is moved although it is still declared, is moved twice, or two keys are moved to one.",
        "Remove the block, or rename the table.";
    SAME_RESOURCE = "PS0118", "two declarations of one resource in AWS",
        "Two tables name the same app, account or role, so that each would undo what the other says.",
        "Remove one of the two, or give the resources different names.";
    SHARED_ACROSS_ACCOUNTS = "PS0119", "a role that is used from two accounts",
        "A role lives in one account, but apps of two accounts use it.",
        "Declare one role for each account.";
    ROLE_CONFLICT = "PS0120", "a role that cannot be what the manifest says",
        "A role is declared as managed elsewhere and is managed here, has the key of an app, or belongs to an app without a stream.",
        "Follow the help of the message: remove `arn`, give the role another key, or add a stream.";
    CALLER_UNKNOWN = "PS0121", "the caller's account is not known",
        "The manifest declares no accounts, and the account of the credentials was not determined.",
        "Declare the account under `[accounts]`.";
    NO_EFFECT = "PS0150", "something that has no effect",
        "A warning: a stream or role that no app uses, an app of which nothing is managed, tags that are written to nothing, or a `[[forget]]` block of what is still declared.",
        "Remove it, or use it. A warning stops nothing.";
    MATCHES_NO_FILE = "PS0151", "a pattern that matches no file",
        "A warning: a pattern in `include` matches no file.",
        "Correct the pattern, or remove it. A warning stops nothing.";
    INTERNAL = "PS0199", "an internal error in reading the manifest",
        "The manifest was neither accepted nor was a mistake found in it. This is a defect of the program.",
        "Report it with the manifest that shows it.";
}
