//! Reading: streams, pages, scans, instants.

use chrono::{DateTime, TimeDelta, Utc};
use parcours_log::{Log, StreamCursor, StreamScan};
use parcours_model::{Record, StreamId};

use crate::events::{append, one, operator, registered, sound};
use crate::following::fill;
use crate::place::{Place, all, on_both_databases};

pub async fn scanned(mut scan: StreamScan, max: usize) -> Vec<(StreamCursor, StreamId, Vec<u64>)> {
    let mut streams: Vec<(StreamCursor, StreamId, Vec<u64>)> = Vec::new();
    while let Some(page) = scan.next(max).await.unwrap() {
        assert!(!page.is_empty());
        let alone = page.len() == 1;
        for (cursor, id, entries) in page {
            assert!(entries.iter().all(|entry| entry.stream == id));
            assert!(
                !alone || entries.len() <= max.max(1),
                "a long stream comes in pieces"
            );
            if streams.last().is_none_or(|(last, ..)| *last != cursor) {
                streams.push((cursor, id, Vec::new()));
            } else {
                assert!(alone, "only a stream that is alone comes in pieces");
            }
            let positions = &mut streams.last_mut().unwrap().2;
            let next = positions.len() as u64 + 1;
            let revisions = entries.iter().map(|entry| entry.revision);
            assert!(
                revisions.eq(next..next + entries.len() as u64),
                "nothing is left out"
            );
            positions.extend(entries.iter().map(|entry| entry.position));
        }
    }
    streams
}

fn instants(record: &Record) -> [DateTime<Utc>; 2] {
    [record.recorded - TimeDelta::microseconds(1), record.recorded]
}

async fn uneven(log: &Log) {
    let sizes = [1, 9, 2, 30, 1, 4];
    let mut appends = Vec::new();
    for n in 0..30_u128 {
        appends.extend(
            (0..6)
                .filter(|stream| n < sizes[*stream as usize])
                .map(|stream| append([registered(stream, "A")])),
        );
    }
    log.append_each(appends).await;
}

on_both_databases! {
    async fn a_stream_is_read_whole_or_as_it_was(place: Place) {
        let log = place.open().await;
        fill(&log, 100).await;
        let whole: Vec<_> = all(&log).await.into_iter().filter(|entry| entry.stream == operator(3)).collect();
        assert_eq!(whole.len(), 10);
        assert_eq!(log.stream(operator(3), None).await.unwrap(), whole);
        assert_eq!(log.stream(operator(3), Some(43)).await.unwrap(), whole[..4]);
        assert_eq!(log.stream(operator(3), Some(0)).await.unwrap(), []);
        assert_eq!(log.stream(operator(77), None).await.unwrap(), []);
        assert_eq!(log.stream_page(operator(3), 0, u64::MAX, 4).await.unwrap(), whole[..4]);
        assert_eq!(log.stream_page(operator(3), 4, u64::MAX, 99).await.unwrap(), whole[4..]);
        assert_eq!(log.stream_page(operator(3), 2, 43, 99).await.unwrap(), whole[2..4]);
        assert_eq!(log.stream_page(operator(77), 0, u64::MAX, 9).await.unwrap(), []);
        let several = log.streams(vec![operator(77), operator(3), operator(4)], 43).await.unwrap();
        assert_eq!((&several[0][..], &several[1][..], several[2].len()), (&[][..], &whole[..4], 4));
    }

    async fn a_page_has_what_stands_there_and_no_more_than_asked(place: Place) {
        let log = place.open().await;
        fill(&log, 20).await;
        let positions = |entries: Vec<parcours_log::Entry>| entries.iter().map(|entry| entry.position).collect::<Vec<_>>();
        assert_eq!(positions(log.read(5, 3).await.unwrap()), [5, 6, 7]);
        assert_eq!(positions(log.read(18, 9).await.unwrap()), [18, 19]);
        assert_eq!(log.read(20, 9).await.unwrap(), []);
        assert_eq!(log.read(3, 0).await.unwrap(), []);
        assert_eq!(log.read(u64::MAX, 9).await.unwrap(), []);
    }

    async fn a_scan_gives_every_stream_whole_whatever_the_size_of_its_pages(place: Place) {
        let log = place.open().await;
        uneven(&log).await;
        let whole = scanned(log.scan_streams(None, u64::MAX), 1000).await;
        assert_eq!(whole.iter().map(|(.., positions)| positions.len()).collect::<Vec<_>>(), [1, 9, 2, 30, 1, 4]);
        for max in [0, 1, 2, 9, 10, 11, 12, 13, 46, 47, 48] {
            assert_eq!(scanned(log.scan_streams(None, u64::MAX), max).await, whole, "pages of {max}");
        }
        let last = log.last_stream().await.unwrap();
        assert_eq!(whole.last().map(|(cursor, ..)| *cursor), last);
    }

    async fn a_scan_resumes_ends_where_told_and_sees_the_past(place: Place) {
        let log = place.open().await;
        assert_eq!(log.last_stream().await.unwrap(), None);
        assert!(log.scan_streams(None, 9).next(10).await.unwrap().is_none());
        uneven(&log).await;
        let whole = scanned(log.scan_streams(None, u64::MAX), 5).await;
        let middle = whole[2].0;
        assert_eq!(scanned(log.scan_streams(Some(middle), u64::MAX), 5).await, whole[3..]);
        assert_eq!(scanned(log.scan_streams_until(None, middle, u64::MAX), 5).await, whole[..3]);
        let past: Vec<_> = whole.iter().cloned().map(|(cursor, id, mut positions)| {
            positions.retain(|position| *position < 9);
            (cursor, id, positions)
        }).filter(|(.., positions)| !positions.is_empty()).collect();
        assert_eq!(scanned(log.scan_streams(None, 9), 5).await, past);
    }

    async fn an_instant_has_the_entries_recorded_by_then(place: Place) {
        let log = place.open().await;
        assert_eq!(log.size_at(Utc::now()).await.unwrap(), 0);
        for n in 0..23 {
            log.append(append((0..=n % 3).map(|_| registered(n, "A")))).await.unwrap();
        }
        let records = sound(&log).await;
        for instant in records.iter().flat_map(instants) {
            let expected = records.iter().filter(|record| record.recorded <= instant).count();
            assert_eq!(log.size_at(instant).await.unwrap(), expected as u64);
        }
        assert_eq!(log.size_at(DateTime::UNIX_EPOCH).await.unwrap(), 0);
        assert_eq!(log.head().await.unwrap().recorded, records.last().map(|record| record.recorded));
    }

    async fn a_log_dated_ahead_of_the_clock_says_so_and_goes_on(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        assert_eq!(log.head().await.unwrap().ahead(Utc::now()), None);
        log.close().await;
        let future = Utc::now() + TimeDelta::hours(1);
        place.execute(&format!("UPDATE head SET recorded = {}", future.timestamp_micros()));
        let log = place.open().await;
        one(&log, registered(1, "B")).await.unwrap();
        let told = log.head().await.unwrap().ahead(Utc::now()).unwrap();
        assert!(told > TimeDelta::minutes(59) && told <= TimeDelta::hours(1), "{told}");
        assert_eq!(log.size_at(Utc::now()).await.unwrap(), 1);
        assert_eq!(log.size_at(future + TimeDelta::microseconds(1)).await.unwrap(), 2);
    }

    async fn each_append_is_recorded_at_an_instant_of_its_own(place: Place) {
        let log = place.open().await;
        let one = |n: u128| append((0..=n % 3).map(|_| registered(n, "A")));
        let answers = log.append_each((0..200).map(one).collect()).await;
        let records = sound(&log).await;
        let mut before = None;
        for receipts in answers {
            let receipts = receipts.unwrap();
            let instants: std::collections::BTreeSet<_> = receipts
                .iter()
                .map(|receipt| records[usize::try_from(receipt.position).unwrap()].recorded)
                .collect();
            assert_eq!(instants.len(), 1, "together");
            let last = receipts.last().unwrap().position + 1;
            let instant = instants.first().copied();
            assert!(before < instant, "{before:?} and {instant:?}");
            assert_eq!(log.size_at(instant.unwrap()).await.unwrap(), last);
            before = instant;
        }
    }

    async fn large_entries_make_smaller_pages(place: Place) {
        let log = place.open().await;
        let reasons = vec!["x".repeat(1000); 60];
        let data = serde_json::json!({ "eligible": true, "reasons": reasons });
        let parcours = crate::events::stream(parcours_model::StreamKind::Parcours, 1);
        one(&log, crate::events::eligible(1).remove(0)).await.unwrap();
        let checked = |n: u32| {
            let time = format!("2026-01-04T09:{:02}:{:02}Z", n / 60, n % 60);
            crate::events::event(parcours, "parcours.eligibility.checked.v1", &time, &data)
        };
        for n in 0..4 {
            log.append(append((50 * n..50 * n + 50).map(checked))).await.unwrap();
        }
        let page = log.read(0, 201).await.unwrap();
        assert!(page.len() < 201 && page.len() > 100, "{} entries of 61 kB", page.len());
        assert_eq!(log.stream(parcours, None).await.unwrap().len(), 201);
        let mut scan = log.scan_streams(None, u64::MAX);
        let piece = scan.next(1000).await.unwrap().unwrap()[0].2.len();
        assert!(piece < 201 && piece > 100, "{piece} entries of 61 kB");
        assert_eq!(scanned(log.scan_streams(None, u64::MAX), 1000).await[0].2.len(), 201);
    }
}
