// Says what went wrong with a passkey or security key, where django-allauth would only log it.

const WORDS = {
  NotAllowedError: "It was cancelled, timed out, or no key fits.",
  InvalidStateError: "This key is set up already.",
  SecurityError: "This browser does not take keys at this address.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { name, message } = event.detail.exception;
  const problem = document.getElementById("passkey-problem");
  problem.textContent = WORDS[name] ?? message;
  problem.hidden = false;
});
