use vestibule_core::SessionProof;

fn forge(proof: SessionProof) -> SessionProof {
    SessionProof { ..proof }
}

fn main() {}
