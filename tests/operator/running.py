# SPDX-License-Identifier: Apache-2.0
"""Starts an operator beside a cluster: the real one where WANDB_OPERATOR names its executable, else the stand-in."""

import os
import pathlib
import signal
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
STANDIN = HERE / "standin"
CRD = HERE.parents[1] / "examples" / "charts" / "operator" / "crds" / "weightsandbiases.yaml"


def executable():
    return pathlib.Path(os.environ.get("WANDB_OPERATOR") or STANDIN)


def is_real():
    return executable() != STANDIN


class Operator:
    """One operator for some namespaces; `stop` and `start` as often as wanted. `log` is what it printed so far."""

    def __init__(self, kubeconfig, namespaces, channel, helm, directory=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="operator-"))
        self.kubeconfig, self.namespaces, self.channel, self.helm = kubeconfig, namespaces, channel, helm
        self.log_path = self.directory / "operator.log"
        self.process = None

    def start(self):
        keep = {
            name: value for name, value in os.environ.items() if not name.startswith(("HELM", "KUBE", "TF_", "WANDB"))
        }
        environment = {**keep, "KUBECONFIG": str(self.kubeconfig), "HELM": str(self.helm), "HOME": str(self.directory)}
        words = [
            "--deployer-channel-url",
            self.channel.url,
            "--isolation-namespaces",
            ",".join(self.namespaces),
            "--health-probe-bind-address",
            "0",
            "--zap-devel=false",
        ]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [executable(), *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
            )
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
