//! How types of the core look in JSON, for the API's description.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the control plane saw it or a worker says so.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Origin)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OriginSchema {
    /// Seen by the control plane, an executor, the forge, or ordered by an operator.
    Observed,
    /// Said by a worker, which runs code that nobody reviewed.
    Claimed,
}

/// How far an attempt is.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = AttemptStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptStatusSchema {
    /// Decided, not yet launched.
    Created,
    /// Taken by its executor.
    Submitted,
    /// Its worker runs.
    Running,
    /// The work is done and pushed.
    Succeeded,
    /// It is not.
    Failed,
    /// It was told to stop, and did.
    Cancelled,
    /// An operator took it back.
    Invalidated,
}

/// A name: any text but the empty one and those with U+0000.
#[derive(ToSchema)]
#[schema(as = Id, value_type = String, min_length = 1, pattern = r"^[^\x00]+$")]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct IdSchema(String);

/// Why somebody orders something.
#[derive(Deserialize, ToSchema)]
#[schema(as = Because)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct BecauseSchema {
    /// A sentence for whoever reads the log.
    #[schema(
        min_length = 1,
        max_length = 1024,
        pattern = r"^[^\x00]*[^\x00\s][^\x00]*$",
        example = "the machine was out of disk"
    )]
    reason: String,
}

/// Other limits, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewLimits)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct NewLimitsSchema {
    /// The whole of the limits; what is left out has its default, which for most is no limit.
    limits: LimitsSchema,
    /// A sentence for whoever reads the log.
    #[schema(
        min_length = 1,
        max_length = 1024,
        pattern = r"^[^\x00]*[^\x00\s][^\x00]*$",
        example = "the provider doubled our quota"
    )]
    reason: String,
}

/// Limits that hold for the whole log.
#[derive(Deserialize, ToSchema)]
#[schema(as = Limits)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct LimitsSchema {
    /// How many attempts may be open at once, over all targets; 2 if it is left out.
    #[schema(format = "uint32", required = false, minimum = 1)]
    max_running: u32,
    /// How many attempts of one target may be open at once, unless the target has a number of its own.
    #[schema(format = "uint32", minimum = 1)]
    max_running_per_target: Option<u32>,
    /// How often a task is tried, and how far apart.
    #[schema(required = false)]
    retry: RetryPolicySchema,
    /// When a target that only fails is left alone.
    breaker: Option<BreakerSchema>,
    /// What all attempts together may use in one day of UTC.
    #[schema(required = false)]
    budget: BudgetSchema,
    /// What one attempt may use; it is booked when the attempt is opened.
    #[schema(required = false)]
    reservation: SpendSchema,
}

/// How often a task is tried, and how long it waits in between.
#[derive(Deserialize, ToSchema)]
#[schema(as = RetryPolicy)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct RetryPolicySchema {
    /// How many attempts that use a try a task may have.
    #[schema(format = "uint32", required = false, minimum = 1)]
    max_attempts: u32,
    /// Seconds before the first retry; doubled for each further one.
    #[schema(format = "uint64", required = false)]
    backoff_seconds: u64,
    /// The longest wait, in seconds.
    #[schema(format = "uint64", required = false)]
    max_backoff_seconds: u64,
    /// How many attempts in a row may fail for reasons of the infrastructure.
    #[schema(format = "uint32", required = false)]
    max_infrastructure_retries: u32,
}

/// When a target that only fails is left alone.
#[derive(Deserialize, ToSchema)]
#[schema(as = Breaker)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct BreakerSchema {
    /// How many failures in a row open the circuit.
    #[schema(format = "uint32", minimum = 1)]
    failures: u32,
    /// How long it stays open, in seconds.
    #[schema(format = "uint64")]
    cooldown_seconds: u64,
}

/// What may be used in one day of UTC.
#[derive(Deserialize, ToSchema)]
#[schema(as = Budget)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct BudgetSchema {
    /// Tokens, sent and received.
    #[schema(format = "uint64")]
    tokens_per_day: Option<u64>,
    /// Millionths of a US dollar.
    #[schema(format = "uint64")]
    micro_usd_per_day: Option<u64>,
}

/// Tokens and money.
#[derive(Deserialize, ToSchema)]
#[schema(as = Spend)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct SpendSchema {
    /// Tokens, sent and received.
    #[schema(format = "uint64", required = false)]
    tokens: u64,
    /// Millionths of a US dollar.
    #[schema(format = "uint64", required = false)]
    micro_usd: u64,
}

/// One fault of a request.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct FaultSchema {
    /// JSON path of the fault, for instance `events[3].payload.attempt_id`, or the name of a parameter.
    path: String,
    /// What is wrong there and what is expected.
    what: String,
}
