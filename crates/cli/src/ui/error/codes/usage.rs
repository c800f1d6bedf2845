//! The codes of errors of the command line: arguments, files, approval.
pinpoint_streams_model::error_codes! {
    USAGE = "PS0001", "invalid command line",
        "A command, a flag or a value is unknown, or cannot be combined with another.",
        "Follow the help in the message. `pinpoint-streams COMMAND --help` lists the flags.";
    NO_MANIFEST = "PS0002", "no manifest",
        "Neither this directory nor one above it has a `pinpoint-streams.toml`.",
        "Create one with `pinpoint-streams discover --out pinpoint-streams.toml` or `pinpoint-streams init`, or name one with `--config FILE`.";
    FILE = "PS0003", "a file cannot be read or written",
        "The operating system refused to read or write a file.",
        "Check the path, its permissions and the free disk space.";
    FOREIGN_MANIFEST = "PS0004", "a manifest of another user is not used",
        "The manifest that was found in a directory above belongs to another user, who could have put it there.",
        "Check it, then name it with `--config FILE`.";
    INVALID_FILE = "PS0005", "invalid input file",
        "The type or the content of a file or directory is not what the command expects.",
        "Name a file of the kind that the message describes.";
    NO_CURRENT_DIRECTORY = "PS0006", "the current directory does not exist",
        "The directory in which the command was started was deleted, or may not be read.",
        "Change to an existing directory, then run the command again.";
    OUTPUT = "PS0007", "the result cannot be written",
        "Writing to stdout failed.",
        "Check where the output goes, and the free disk space.";
    NOT_FOUND = "PS0008", "not found",
        "An address, a run, a role or another object that the command names does not exist.",
        "Correct the name; the help in the message says how to list what exists.";
    NOT_A_POLICY = "PS0009", "not a policy document",
        "A file is not an IAM policy document in JSON.",
        "Name a policy document, the output of `policy show`, or that of `aws iam get-role`, `get-role-policy` or `get-policy-version`.";
    APPROVAL_REQUIRED = "PS0010", "approval is required",
        "The plan must be approved, and there is no terminal to ask on.",
        "Pass `--auto-approve=safe` or `--auto-approve`, or apply a saved plan.";
    SWEEP_APPROVAL_REQUIRED = "PS0011", "a sweep must be approved by a person",
        "A sweep changes roles that pinpoint-streams did not create, so that a flag alone does not approve it.",
        "Run it on a terminal, or save its plan, review it and apply it.";
    DECLINED = "PS0012", "not approved",
        "The prompt was answered with no.",
        "Nothing was done. Run the command again to approve it.";
    READ_ONLY = "PS0013", "writes are disabled",
        "`PINPOINT_STREAMS_READ_ONLY` is set, or the manifest has `[safety] read_only = true`.",
        "Run `pinpoint-streams plan` to see what would change, or remove the setting.";
    STOPPED = "PS0014", "stopped by a signal",
        "The command received SIGINT or SIGTERM before it was complete.",
        "Run it again.";
    CLOCK_SKEW = "PS0015", "this machine's clock is wrong",
        "The clock differs from the clock of AWS, and the command depends on ages.",
        "Correct the clock.";
    NO_SERVICE_TIME = "PS0016", "the clock cannot be checked",
        "No response from AWS had a `Date` header.",
        "Check for a proxy that removes it, or an endpoint other than that of AWS.";
    SANDBOX = "PS0017", "the embedded account cannot be used",
        "The files of the embedded account cannot be read or written, or are damaged.",
        "Check permissions and disk space, or start over with `pinpoint-streams sandbox reset`.";
}
