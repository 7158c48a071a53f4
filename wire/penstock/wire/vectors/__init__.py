"""Golden vectors: what messages of an artifact are in protobuf and in JSON, at the edges of all their fields."""

from penstock.wire.vectors.table import Face, Loss, Vector, artifact_vectors, vectors

__all__ = ["Face", "Loss", "Vector", "artifact_vectors", "vectors"]
