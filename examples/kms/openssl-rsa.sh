#!/usr/bin/env bash
# An EXAMPLE of a program for STOA_KMS_COMMAND. It stands in for a real KMS: an RSA key in two files of this machine, by openssl.
#
#   openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out kms.pem
#   export EXAMPLE_KMS_KEY=$PWD/kms.pem STOA_KMS_COMMAND=$PWD/examples/kms/openssl-rsa.sh
#
# What such a program has to do: it gets one argument, `wrap` or `unwrap`, reads the bytes to wrap or to unwrap as a line of base64, writes the result as a
# line of base64, and ends with 0. When it cannot, it says why on standard error and ends with something else. What it wraps is 32 bytes; it has ten seconds.
set -euo pipefail
: "${EXAMPLE_KMS_KEY:?names the file of the RSA key}"
padding='-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256'
case "${1-}" in
  wrap) openssl base64 -d -A | openssl pkeyutl -encrypt -inkey "$EXAMPLE_KMS_KEY" $padding | openssl base64 -A ;;
  unwrap) openssl base64 -d -A | openssl pkeyutl -decrypt -inkey "$EXAMPLE_KMS_KEY" $padding | openssl base64 -A ;;
  *) echo "usage: $0 wrap|unwrap" >&2; exit 2 ;;
esac
echo
