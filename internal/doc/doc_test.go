package doc

import "testing"

func TestMergeFirst(t *testing.T) {
	out, err := Merge("package.json", nil, []Part{
		{Layer: "a", Name: "service/package.json", Data: []byte(`{"dependencies":{"z":"1","b":"2"},"name":"x"}`)},
		{Layer: "b", Name: "service/package.json", Data: []byte(`{"dependencies":{"c":"1","b":"2"},"type":"module"}`)},
	})
	want := "{\n  \"name\": \"x\",\n  \"type\": \"module\",\n  \"dependencies\": {\n    \"b\": \"2\",\n    \"c\": \"1\",\n    \"z\": \"1\"\n  }\n}\n"
	if err != nil || string(out) != want {
		t.Errorf("got %v\n%s", err, out)
	}
}
