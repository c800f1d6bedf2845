//! AWS's list prices of streams to which nothing is written. Firehose bills by volume alone.
use pinpoint_streams_model::live::residue::StreamMode;
use pinpoint_streams_model::region::Region;

pub const PRICES_AS_OF: &str = "2026-11-28";
pub const PRICES_SOURCE: &str = "https://aws.amazon.com/kinesis/data-streams/pricing/";

/// As in the AWS Pricing Calculator.
const HOURS_A_MONTH: u64 = 730;

/// Per hour, in thousandths of a US dollar: of an open shard of a provisioned stream, and of an on-demand stream. Only
/// regions whose prices were looked up.
const HOURLY: [(&str, u64, u64); 2] = [("us-east-1", 15, 40), ("us-east-2", 15, 40)];

/// An estimate: without retention beyond 24 hours and enhanced fan-out. None where the price is not known.
pub(super) fn monthly_usd_cents(region: &Region, mode: StreamMode) -> Option<u64> {
    let price = HOURLY.iter().find(|(name, ..)| *name == region.as_str());
    let mils = match (mode, price) {
        (StreamMode::Firehose, _) => 0,
        (StreamMode::Provisioned { open_shards }, Some((_, shard, _))) => shard * u64::from(open_shards),
        (StreamMode::OnDemand, Some((.., stream))) => *stream,
        (StreamMode::Provisioned { .. } | StreamMode::OnDemand, None) => return None,
    };
    Some(mils * HOURS_A_MONTH / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_costs_730_hours_by_the_price_of_the_region() {
        let cents = |region: &str, mode| monthly_usd_cents(&region.parse().unwrap(), mode);
        assert_eq!(cents("us-east-1", StreamMode::Provisioned { open_shards: 1 }), Some(1095));
        assert_eq!(cents("us-east-1", StreamMode::Provisioned { open_shards: 3 }), Some(3285));
        assert_eq!(cents("us-east-1", StreamMode::OnDemand), Some(2920));
        assert_eq!(cents("eu-west-1", StreamMode::OnDemand), None);
        assert_eq!(cents("eu-west-1", StreamMode::Firehose), Some(0));
    }
}
