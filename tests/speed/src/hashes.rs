//! What password hashes cost without any server around them.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{Result, bare::passwords, known, load::Times};

/// One window of hashes, on as many threads as so many connections keep busy in Vestibule.
pub(crate) fn measure(connections: usize, window: Duration) -> Result<(Times, Duration)> {
    let hash = known::hash(known::PASSWORD, b"the salt of all!")?;
    let ends = Instant::now() + window;
    let threads: Vec<_> = (0..passwords::at_once().min(connections))
        .map(|_| {
            let hash = hash.clone();
            thread::spawn(move || verify_until(ends, &hash))
        })
        .collect();
    let (mut times, mut used) = (Times::none()?, Duration::ZERO);
    for thread in threads {
        let of_thread = thread
            .join()
            .map_err(|_| "a thread that hashes panicked")??;
        times.add_beside(&of_thread)?;
        used += window;
    }
    times.lasted(window);
    Ok((times, used))
}

fn verify_until(ends: Instant, hash: &str) -> Result<Times> {
    let mut times = Times::none()?;
    let mut began = Instant::now();
    while began < ends {
        if !passwords::verify(known::PASSWORD, hash)? {
            return Err("a password does not fit its own hash".into());
        }
        let now = Instant::now();
        if now < ends {
            times.record(now - began);
        }
        began = now;
    }
    Ok(times)
}
