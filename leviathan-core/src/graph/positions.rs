//! `Positions`: where things stand in the log, in little memory.

use crate::log::Position;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::fmt;

/// Rising positions, each kept as its distance from the one before: seven bits to a byte, the lowest first, and the eighth
/// set where more follow. An attempt's events stand close together, so that most take one byte.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Positions {
    bytes: Vec<u8>,
    last: Position,
    len: u32,
}

impl Positions {
    /// Adds a position behind the last one; whether it is behind it.
    pub(super) fn push(&mut self, position: Position) -> bool {
        let Some(mut distance) = position.get().checked_sub(self.last.get()).filter(|distance| *distance > 0)
        else {
            return false;
        };
        while distance >= 0x80 {
            self.bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        self.bytes.push(distance as u8);
        self.last = position;
        self.len += 1;
        true
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Position> + use<'_> {
        let mut bytes = self.bytes.iter();
        let mut last = 0;
        std::iter::from_fn(move || {
            let (mut distance, mut shift) = (0, 0);
            loop {
                let byte = *bytes.next()?;
                distance |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    last += distance;
                    return Some(Position::new(last));
                }
            }
        })
    }
}

impl fmt::Debug for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Positions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.len()))?;
        self.iter().try_for_each(|position| list.serialize_element(&position))?;
        list.end()
    }
}

impl<'de> Deserialize<'de> for Positions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Positions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rising positions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Positions, A::Error> {
        let mut positions = Positions::default();
        while let Some(position) = list.next_element()? {
            if !positions.push(position) {
                return Err(A::Error::custom("a position is not behind the one before"));
            }
        }
        Ok(positions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_rising_positions_come_back_as_they_were() {
        let numbers = [1, 2, 127, 129, 256, 16_640, 16_641, 1 << 40, u64::MAX - 1, u64::MAX];
        let mut positions = Positions::default();
        assert!(positions.is_empty() && !positions.push(Position::START));
        for (n, number) in numbers.into_iter().enumerate() {
            assert!(positions.push(Position::new(number)) && !positions.push(Position::new(number)));
            assert_eq!(positions.len(), n + 1);
        }
        assert!(positions.iter().map(Position::get).eq(numbers));
        let text = serde_json::to_string(&positions).unwrap();
        assert_eq!(serde_json::from_str::<Positions>(&text).unwrap(), positions);
        assert!(serde_json::from_str::<Positions>("[2,1]").is_err());
    }

    #[test]
    fn a_dozen_that_stand_close_together_take_about_a_byte_each() {
        let mut positions = Positions::default();
        assert!((0..12).all(|n| positions.push(Position::new(1_000_000 + 9 * n))));
        assert_eq!(positions.bytes.len(), 3 + 11);
    }
}
