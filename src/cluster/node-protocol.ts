/** Of what nodes say to each other. It rises when a node of before could not follow any more. */
export const NODE_PROTOCOL = 1;

/** Nodes that differ by more do not serve together: a cluster is brought up one version after the other. */
export const PROTOCOL_DISTANCE = 1;
