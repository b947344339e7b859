use super::*;
use std::net::SocketAddr;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

const KIB: usize = 1 << 10;

/// Room for 32 small bodies, 24 of which large ones may take.
fn room() -> Room {
    Room::new(&Limits {
        body: 1024 * KIB,
        bodies: 2 * 1024 * KIB,
        brisk: Pace {
            rate: 64 << 10,
            pause: Duration::from_secs(2),
        },
        stall: Duration::from_secs(30),
        ..Limits::default()
    })
}

fn client(last: u8) -> Client {
    Client::from(SocketAddr::from(([192, 0, 2, last], 1)))
}

fn held(room: &Room) -> usize {
    room.0.held().bytes
}

async fn holding(room: &Room, client: Client, bytes: usize) -> Share {
    let mut share = room.share(client);
    share.grow(bytes, bytes).await.unwrap();
    share
}

/// A body that is read in pieces until it is whole, is told to give way, or is refused; then all is given back.
async fn read(room: Room, client: Client, pieces: usize, piece: usize, pause: Duration) -> bool {
    let mut share = room.share(client);
    for number in 1..=pieces {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = share.called_off() => return false,
        }
        if share.grow(piece, number * piece).await.is_err() {
            return false;
        }
    }
    share.is_whole();
    true
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_is_given_back_to_the_byte() {
    let room = room();
    let mut first = holding(&room, client(1), 1_000).await;
    let second = holding(&room, client(1), 77).await;
    first.grow(1, 1_001).await.unwrap();
    assert_eq!(held(&room), 1_078);
    first.is_whole();
    assert_eq!(held(&room), 1_078);
    drop(first);
    assert_eq!(held(&room), 77);
    drop(second);
    assert_eq!(held(&room), 0);
    assert!(room.0.held().reading.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_for_no_slow_body() {
    let room = room();
    let mut slow = JoinSet::new();
    for _ in 0..200 {
        let room = room.clone();
        slow.spawn(async move {
            let share = holding(&room, client(1), SMALL).await;
            share.called_off().await;
        });
    }
    while held(&room) + SMALL <= room.0.size {
        yield_now().await;
    }
    let before = Instant::now();
    let event = holding(&room, client(1), SMALL).await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    drop(event);
}

#[tokio::test(start_paused = true)]
async fn large_bodies_leave_room_for_small_ones() {
    let room = room();
    let mut large = holding(&room, client(1), 24 * SMALL).await;
    large.is_whole();
    let small = holding(&room, client(2), SMALL).await;
    let before = Instant::now();
    let mut refused = room.share(client(2));
    assert!(refused.grow(SMALL + 1, SMALL + 1).await.is_err());
    assert_eq!(
        before.elapsed(),
        Duration::from_secs(30),
        "whole bodies are waited for"
    );
    drop(small);
}

#[tokio::test(start_paused = true)]
async fn a_brisk_list_is_waited_for_and_a_stalled_one_is_not() {
    let room = room();
    let stalled = holding(&room, client(1), 24 * SMALL).await;
    let begun = Instant::now();
    let mut list = room.share(client(2));
    let growing = list.grow(2 * SMALL, 2 * SMALL);
    let leaving = async move {
        stalled.called_off().await;
        drop(stalled);
    };
    let (grown, ()) = tokio::join!(growing, leaving);
    grown.unwrap();
    let waited = begun.elapsed();
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(3)).contains(&waited),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_holds_most_gives_way() {
    let room = room();
    let modest = holding(&room, client(1), 20 * SMALL / 10).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let greedy = holding(&room, client(2), 22 * SMALL).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut list = room.share(client(3));
    let growing = list.grow(2 * SMALL, 2 * SMALL);
    let leaving = async {
        greedy.called_off().await;
        drop(greedy);
    };
    let (grown, ()) = tokio::join!(growing, leaving);
    grown.unwrap();
    assert!(
        timeout(Duration::from_secs(60), modest.called_off())
            .await
            .is_err()
    );
}

/// Forty lists that need half of the room each: nobody who waits waits for ever, and some come through at any time.
#[tokio::test(start_paused = true)]
async fn lists_that_all_need_more_room_never_block_each_other() {
    let room = room();
    let mut lists = JoinSet::new();
    for number in 0..40_u8 {
        let pause = Duration::from_millis(u64::from(number % 7) * 10);
        lists.spawn(read(room.clone(), client(number % 3), 16, SMALL, pause));
    }
    let begun = Instant::now();
    let mut whole = 0;
    while let Some(read) = lists.join_next().await {
        whole += usize::from(read.unwrap());
    }
    assert!(whole >= 2, "{whole}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(held(&room), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_comes_through_beside_any_number_of_slow_ones() {
    let room = room();
    let mut slow = JoinSet::new();
    for _ in 0..100 {
        slow.spawn(read(room.clone(), client(1), 1_000, KIB, Duration::from_secs(1)));
        slow.spawn(read(room.clone(), client(1), 100, SMALL, Duration::from_secs(60)));
    }
    tokio::time::sleep(Duration::from_secs(300)).await;
    let list = read(room.clone(), client(1), 20, SMALL, Duration::from_millis(1));
    assert!(list.await, "it was told to give way");
}
