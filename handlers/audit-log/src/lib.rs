//! Writes every event as a line of JSON to rotated files
