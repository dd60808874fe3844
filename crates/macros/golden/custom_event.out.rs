#[automatically_derived]
#[allow(
    refining_impl_trait,
    reason = "the trait says no more than that it is written as JSON"
)]
impl ::vestibule::__private::Event for ConvertDegrees {
    const NAME: &'static str = "convertDegrees";
    type Output = f64;
    fn describe(&self) -> ::vestibule::__private::Json {
        ::vestibule::__private::describe_custom::<Self>(self)
    }
    fn describe_output(output: &Self::Output) -> ::vestibule::__private::Json {
        ::vestibule::__private::describe_custom_output::<Self>(output)
    }
}
#[automatically_derived]
impl ::vestibule::__private::CustomEvent for ConvertDegrees {
    const ACCESS: ::vestibule::__private::CallableBy = ::vestibule::__private::CallableBy::Role(
        "Support",
    );
}
