//! Deflated content, a piece at a time.

use std::io::{self, Read};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

const CHUNK: usize = 64 * 1024;

/// Inflates what an inner reader gives. It may assume that somebody bounds what is read of it.
pub(super) struct Inflater<R> {
    inner: R,
    state: Box<InflateState>,
    buffer: Vec<u8>,
    /// The part of the buffer that was not taken yet.
    waiting: std::ops::Range<usize>,
    ended: bool,
}

impl<R: Read> Inflater<R> {
    pub(super) fn new(inner: R) -> Self {
        let state = InflateState::new_boxed(DataFormat::Raw);
        Self { inner, state, buffer: vec![0; CHUNK], waiting: 0..0, ended: false }
    }
}

impl<R: Read> Read for Inflater<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !out.is_empty() {
            if self.waiting.is_empty() {
                let read = self.inner.read(&mut self.buffer)?;
                self.waiting = 0..read;
            }
            let starved = self.waiting.is_empty();
            let result = inflate(&mut self.state, &self.buffer[self.waiting.clone()], out, MZFlush::None);
            self.waiting.start += result.bytes_consumed;
            self.ended = result.status == Ok(MZStatus::StreamEnd);
            if result.bytes_written > 0 || self.ended {
                return Ok(result.bytes_written);
            }
            if starved || result.status.is_err() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its compressed content is damaged"));
            }
        }
        Ok(0)
    }
}
