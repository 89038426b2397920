class @CLASS@ < Formula
  desc "@SUMMARY@"
  homepage "@URL@"
  version "@VERSION@"
  license "Apache-2.0"

  # A single executable on Linux. On macOS the program runs under Homebrew's Node.js; nobody has tried that yet.
  on_linux do
    on_intel do
      url "@URL@/@LINUX_AMD64@"
      sha256 "@SHA_LINUX_AMD64@"
    end
    on_arm do
      url "@URL@/@LINUX_ARM64@"
      sha256 "@SHA_LINUX_ARM64@"
    end
  end

  on_macos do
    url "@URL@/@MACOS@"
    sha256 "@SHA_MACOS@"
    depends_on "node@24"
  end

  def install
    if OS.linux?
      bin.install "@NAME@"
    else
      libexec.install Dir["*"]
      bin.install_symlink libexec/"bin/@NAME@"
    end
  end
@SERVICE@
  test do
    assert_match version.to_s, shell_output("#{bin}/@NAME@ --version")
  end
end
