"""Comments of proto files are kept with the element that they stand above."""

from __future__ import annotations

from pathlib import Path

from penstock.codegen.comments import read_comments
from penstock.codegen.protoc import read_protos

PROTO = """
syntax = "proto3";
package penstock.v1;
// A lamp.
// It shines.
//
// Or it does not.
message Lamp {
  // Its colour.
  enum Colour {
    // Not known.
    COLOUR_UNSPECIFIED = 0;
    RED = 1;  // Not above: not kept.
  }
  // Inside.
  message Bulb {
    // In watts.
    int32 power = 1;
  }
  Colour colour = 1;
  // What makes the light.
  oneof source {
    // One that can be changed.
    Bulb bulb = 2;
  }
}
// Switches lamps.
service LampService {
  // Turns one on.
  rpc TurnOn(Lamp) returns (Lamp);
}
"""


def test_comments_are_read_by_full_name_with_their_lines_joined(tmp_path: Path) -> None:
    (tmp_path / "penstock").mkdir()
    (tmp_path / "penstock/lamp.proto").write_text(PROTO)

    assert read_comments(read_protos(tmp_path).proto_file) == {
        "penstock.v1.Lamp": "A lamp. It shines.\n\nOr it does not.",
        "penstock.v1.Lamp.Colour": "Its colour.",
        "penstock.v1.Lamp.Colour.COLOUR_UNSPECIFIED": "Not known.",
        "penstock.v1.Lamp.Bulb": "Inside.",
        "penstock.v1.Lamp.Bulb.power": "In watts.",
        "penstock.v1.Lamp.source": "What makes the light.",
        "penstock.v1.Lamp.bulb": "One that can be changed.",
        "penstock.v1.LampService": "Switches lamps.",
        "penstock.v1.LampService.TurnOn": "Turns one on.",
    }
