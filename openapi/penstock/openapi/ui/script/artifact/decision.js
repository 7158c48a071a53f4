// What a person is asked by a pause of the run that was tried, with the buttons to decide it.

/** `onDecided` is called when a decision stands. */
function decisionForm({ execution_id: executionId, pause, prompt, input, needs_value: needsValue, value_type: valueType }, onDecided) {
  const problem = h("p", { class: "problem", role: "status" });
  const comment = h("input", { id: `comment-${pause}`, type: "text", autocomplete: "off" });
  const value = h("textarea", { id: `value-${pause}`, rows: "4", spellcheck: "false", autocomplete: "off" });
  value.value = needsValue ? "{}" : prettyJson(JSON.stringify(input ?? {}));
  const given = value.value;
  const decide = async (verb) => {
    problem.textContent = "";
    const isEdited = verb !== "reject" && (needsValue || value.value !== given);
    if (isEdited && !isJson(value.value)) {
      problem.textContent = "Not JSON yet.";
      value.focus();
      return;
    }
    const members = [`"comment":${JSON.stringify(comment.value)}`, ...(isEdited ? [`"value":${value.value}`] : [])];
    for (const button of buttons) button.disabled = true;
    try {
      const path = `${EXECUTIONS_PATH}/${executionId}/pauses/${pause}:${verb}`;
      await ask(path, { method: "POST", headers: { "Content-Type": JSON_TYPE }, body: `{${members.join(",")}}` });
      form.replaceChildren(h("p", { class: "remark" }, `${pause}: ${verb === "approve" ? "approved" : "rejected"}`));
      onDecided();
    } catch (refused) {
      problem.textContent = refused.message;
      for (const button of buttons) button.disabled = false;
    }
  };
  const buttons = [
    h("button", { type: "button", class: "primary", click: () => decide("approve") }, "Approve"),
    h("button", { type: "button", click: () => decide("reject") }, "Reject"),
  ];
  const form = h("form", { class: "decision", "aria-label": `Pause ${pause}`, submit: (event) => { event.preventDefault(); decide("approve"); } },
    h("h3", {}, prompt || `Decide ${pause}`),
    h("label", { for: value.id }, needsValue ? "Value, which it needs" : "Goes on with", " ", h("span", { class: "field-type" }, valueType)),
    value,
    h("label", { for: comment.id }, "Comment"),
    comment,
    problem,
    h("div", { class: "actions" }, buttons));
  return form;
}
